"""Stock properties of companies, deals, tickets and activities, as far as a sync needs them."""

COMPANY = """
[companyinformation]
name | string | - | Company name
domain | string | - | Company Domain Name
website | string | - | Website URL
phone | string | - | Phone Number
address | string | - | Street Address
address2 | string | - | Street Address 2
city | string | - | City
state | string | - | State/Region
zip | string | - | Postal Code
country | string | - | Country/Region
industry | enumeration/select | - | Industry
= ACCOUNTING; BANKING; COMPUTER_SOFTWARE; CONSTRUCTION; EDUCATION_MANAGEMENT; FINANCIAL_SERVICES
= HOSPITAL_HEALTH_CARE; INFORMATION_TECHNOLOGY_AND_SERVICES; INSURANCE; MACHINERY; RETAIL
= TELECOMMUNICATIONS; UTILITIES
type | enumeration/select | - | Type
= PROSPECT; PARTNER; RESELLER; VENDOR; OTHER
description | string/textarea | - | Description
numberofemployees | number | - | Number of Employees
annualrevenue | number | - | Annual Revenue
founded_year | string | - | Year Founded
timezone | string | - | Time Zone
lifecyclestage | enumeration/radio | - | Lifecycle Stage
= subscriber; lead; marketingqualifiedlead; salesqualifiedlead; opportunity; customer
= evangelist; other
hs_lead_status | enumeration/radio | - | Lead Status
= NEW; OPEN; IN_PROGRESS; OPEN_DEAL; UNQUALIFIED; ATTEMPTED_TO_CONTACT; CONNECTED; BAD_TIMING
hubspot_owner_id | enumeration/select | x | Company owner
hs_parent_company_id | number | r | Parent Company
createdate | datetime | r | Create Date
hs_lastmodifieddate | datetime | r | Last Modified Date
hs_object_id | number | rc | Record ID
hs_merged_object_ids | enumeration/checkbox | r | Merged Company IDs
num_associated_contacts | number | r | Number of Associated Contacts
num_associated_deals | number | r | Number of Associated Deals
"""

DEAL = """
[dealinformation]
dealname | string | - | Deal Name
amount | number | - | Amount
closedate | datetime | - | Close Date
dealstage | enumeration/radio | - | Deal Stage
= appointmentscheduled; qualifiedtobuy; presentationscheduled; decisionmakerboughtin
= contractsent; closedwon; closedlost
pipeline | enumeration/select | - | Pipeline
= default
dealtype | enumeration/radio | - | Deal Type
= newbusiness; existingbusiness
description | string/textarea | - | Deal Description
hs_priority | enumeration/select | - | Priority
= low; medium; high
hubspot_owner_id | enumeration/select | x | Deal owner
hs_is_closed | bool/calculation_equation | rc | Is Deal Closed?
hs_is_closed_won | bool/calculation_equation | rc | Is Closed Won
createdate | datetime | r | Create Date
hs_lastmodifieddate | datetime | r | Last Modified Date
hs_object_id | number | rc | Record ID
hs_merged_object_ids | enumeration/checkbox | r | Merged Deal IDs
num_associated_contacts | number | r | Number of Associated Contacts
"""

TICKET = """
[ticketinformation]
subject | string | - | Ticket name
content | string/textarea | - | Ticket description
hs_pipeline | enumeration/select | - | Pipeline
= 0
hs_pipeline_stage | enumeration/radio | - | Ticket status
= 1; 2; 3; 4
hs_ticket_priority | enumeration/select | - | Priority
= LOW; MEDIUM; HIGH; URGENT
hs_ticket_category | enumeration/checkbox | - | Category
= PRODUCT_ISSUE; BILLING_ISSUE; FEATURE_REQUEST; GENERAL_INQUIRY
source_type | enumeration/select | - | Source
= CHAT; EMAIL; FORM; PHONE
hubspot_owner_id | enumeration/select | x | Ticket owner
hs_ticket_id | number | rc | Ticket ID
closed_date | datetime | - | Close date
createdate | datetime | r | Create date
hs_lastmodifieddate | datetime | r | Last modified date
hs_object_id | number | rc | Record ID
hs_merged_object_ids | enumeration/checkbox | r | Merged Ticket IDs
"""

_ACTIVITY = """
hs_timestamp | datetime | - | Activity date
hubspot_owner_id | enumeration/select | x | Activity assigned to
hs_createdate | datetime | r | Create date
hs_lastmodifieddate | datetime | r | Last modified date
hs_object_id | number | rc | Record ID
"""

TASK = f"""
[engagement]
hs_task_subject | string | - | Task Title
hs_task_body | string/html | - | Task Notes
hs_task_status | enumeration/select | - | Task Status
= NOT_STARTED; IN_PROGRESS; WAITING; COMPLETED; DEFERRED
hs_task_priority | enumeration/select | - | Priority
= NONE; LOW; MEDIUM; HIGH
hs_task_type | enumeration/select | - | Task Type
= TODO; EMAIL; CALL; MEETING; LINKED_IN
{_ACTIVITY}"""

NOTE = f"""
[engagement]
hs_note_body | string/html | - | Note body
{_ACTIVITY}"""

CALL = f"""
[engagement]
hs_call_title | string | - | Call Title
hs_call_body | string/html | - | Call notes
hs_call_duration | number | - | Call duration
hs_call_direction | enumeration/select | - | Call direction
= INBOUND; OUTBOUND
hs_call_status | enumeration/select | - | Call status
= BUSY; CALLING_CRM_USER; CANCELED; COMPLETED; CONNECTING; FAILED; IN_PROGRESS; NO_ANSWER; QUEUED
= RINGING
{_ACTIVITY}"""

MEETING = f"""
[engagement]
hs_meeting_title | string | - | Meeting name
hs_meeting_body | string/html | - | Meeting description
hs_meeting_start_time | datetime | - | Meeting start time
hs_meeting_end_time | datetime | - | Meeting end time
hs_meeting_outcome | enumeration/select | - | Meeting outcome
= SCHEDULED; COMPLETED; RESCHEDULED; NO_SHOW; CANCELED
{_ACTIVITY}"""

EMAIL = f"""
[engagement]
hs_email_subject | string | - | Email subject
hs_email_text | string/textarea | - | Email body
hs_email_html | string/html | - | HTML Body
hs_email_status | enumeration/select | - | Email send status
= BOUNCED; FAILED; SCHEDULED; SENDING; SENT
hs_email_direction | enumeration/select | - | Email direction
= EMAIL; INCOMING_EMAIL; FORWARDED_EMAIL
{_ACTIVITY}"""

CUSTOM = """
[custom_object_information]
name | string | - | Name
hubspot_owner_id | enumeration/select | x | Owner
hs_createdate | datetime | r | Object create date/time
hs_lastmodifieddate | datetime | r | Object last modified date/time
hs_object_id | number | rc | Record ID
"""
