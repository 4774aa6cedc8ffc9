"""Stock contact properties: a compact table of our own, notation in :func:`schema.read_table`."""

TABLE = """
[contactinformation]
email | string | - | Email
firstname | string | - | First Name
lastname | string | - | Last Name
salutation | string | - | Salutation
jobtitle | string | - | Job Title
phone | string | - | Phone Number
mobilephone | string | - | Mobile Phone Number
fax | string | - | Fax Number
address | string | - | Street Address
city | string | - | City
state | string | - | State/Region
zip | string | - | Postal Code
country | string | - | Country/Region
company | string | - | Company Name
website | string | - | Website URL
industry | string | - | Industry
annualrevenue | string | - | Annual Revenue
numemployees | enumeration/select | - | Number of Employees
= 1-5; 5-25; 25-50; 50-100; 100-500; 500-1000; 1000+
lifecyclestage | enumeration/radio | - | Lifecycle Stage
= subscriber; lead; marketingqualifiedlead; salesqualifiedlead; opportunity; customer
= evangelist; other
hs_language | enumeration/select | - | Preferred language
= af; sq; sq-al; ar; ar-dz; ar-bh; ar-eg; ar-iq; ar-jo; ar-kw; ar-lb; ar-ly; ar-ma; ar-om
= ar-qa; ar-sa; ar-sd; ar-sy; ar-tn; ar-ae; ar-ye; hy; eu; be; be-by; bg; bg-bg; ca; ca-es; zh
= zh-cn; zh-hk; zh-mo; zh-sg; zh-tw; zh-chs; zh-cht; hr; hr-hr; cs; cs-cz; da; da-dk; nl; nl-be
= nl-nl; en; en-au; en-ca; en-hk; en-in; en-ie; en-my; en-mt; en-nz; en-ph; en-sg; en-za; en-gb
= en-us; en-zw; et; et-ee; fo; fa; fi; fi-fi; fr; fr-be; fr-ca; fr-fr; fr-lu; fr-mc; fr-ch; gl
= ka; de; de-at; de-de; de-gr; de-li; de-lu; de-ch; el; el-cy; el-gr; gu; he; iw-il; hi; hi-in
= hu; hu-hu; is; is-is; id; in-id; ga; ga-ie; it; it-it; it-ch; ja; ja-jp; kn; kk; kok; ko
= ko-kr; ky; lv; lv-lv; lt; lt-lt; mk; mk-mk; ms; ms-bn; ms-my; mt; mt-mt; mr; mn; my; my-mm
= no; nb; no-no; pl; pl-pl; pt; pt-br; pt-pt; pa; ro; ro-ro; ru; ru-ru; sa; sr; sr-ba; sr-me
= sr-rs; sr-cs; sk; sk-sk; sl; sl-si; es; es-ar; es-bo; es-cl; es-co; es-cr; es-cu; es-do
= es-ec; es-sv; es-gt; es-hn; es-mx; es-ni; es-pa; es-py; es-pe; es-pr; es-es; es-us; es-uy
= es-ve; sw; sv; sv-fi; sv-se; sy; ta; tt; te; th; th-th; tr; tr-tr; uk; uk-ua; ur; vi; vi-vn
= bn; t1; m1; as
hs_timezone | enumeration/select | - | Time Zone
hs_persona | enumeration/select | - | Persona
createdate | datetime | r | Create Date
lastmodifieddate | datetime | r | Last Modified Date
hs_object_id | number | rc | Contact ID
hs_additional_emails | enumeration/select | rc | Additional email addresses
hs_all_contact_vids | enumeration/select | rc | All vids for a contact
hs_calculated_merged_vids | enumeration/select | rc | Merged vids with timestamps of a contact
hs_merged_object_ids | enumeration/checkbox | r | Merged object IDs
hs_email_domain | string | rc | Email Domain
hs_marketable_status | enumeration/booleancheckbox | r | Marketing contact status
= true; false
hs_marketable_reason_type | enumeration/select | r | Marketing contact status source type
= AD; CONTACT_IMPORT; CONVERSATION; FORM_SUBMISSION; INITIAL_STATE; INTEGRATOR_SET; USER_SET
= WORKFLOW
hs_marketable_until_renewal | enumeration/booleancheckbox | r | Marketing contact until next update
= true; false
hs_is_contact | bool/calculation_read_time | rc | Is a contact
hs_pipeline | enumeration/select | x | Pipeline
hs_createdate | datetime | r | Object create date/time
hs_lastmodifieddate | datetime | r | Object last modified date/time
hs_created_by_user_id | number | r | Created by user ID
hs_updated_by_user_id | number | r | Updated by user ID
hs_lifecyclestage_subscriber_date | datetime | r | Became a Subscriber Date
hs_lifecyclestage_lead_date | datetime | r | Became a Lead Date
hs_lifecyclestage_marketingqualifiedlead_date | datetime | r | Became an MQL Date
hs_lifecyclestage_salesqualifiedlead_date | datetime | r | Became a Sales Qualified Lead Date
hs_lifecyclestage_opportunity_date | datetime | r | Became an Opportunity Date
hs_lifecyclestage_customer_date | datetime | r | Became a Customer Date
hs_lifecyclestage_evangelist_date | datetime | r | Became an Evangelist Date
hs_lifecyclestage_other_date | datetime | r | Became an Other Lifecycle Date
associatedcompanyid | number | - | Associated Company ID
hs_unique_creation_key | string | ru | Unique creation key
hs_latest_meeting_activity | datetime | r | Latest meeting activity
hs_calculated_phone_number | string | rc | Calculated Phone Number in International Format
hs_calculated_mobile_number | string | rc | Calculated Mobile Number in International Format
hs_content_membership_email_confirmed | bool | r | Email Confirmed
twitterhandle | string | - | Twitter Username
hs_all_owner_ids | enumeration/select | rx | All owner ids
hs_all_team_ids | enumeration/select | rx | All team ids
hs_user_ids_of_all_owners | enumeration/checkbox | r | User IDs of all owners
hs_time_in_lead | number/calculation_read_time | r | Time in 'Lead'
hs_date_entered_lead | datetime/calculation_read_time | r | Date entered 'Lead'
hs_date_entered_customer | datetime/calculation_read_time | r | Date entered 'Customer'
hs_count_is_worked | number/calculation_equation | r | Count of engaged contacts
[sales_properties]
hs_lead_status | enumeration/radio | - | Lead Status
= NEW; OPEN; IN_PROGRESS; OPEN_DEAL; UNQUALIFIED; ATTEMPTED_TO_CONTACT; CONNECTED; BAD_TIMING
hubspot_owner_id | enumeration/select | x | Contact owner
hubspot_owner_assigneddate | datetime | r | Owner Assigned Date
hubspot_team_id | enumeration/select | rx | HubSpot Team
hs_is_unworked | bool/calculation_equation | r | Contact unworked
hubspotscore | number/calculation_score | r | HubSpot Score
[contact_activity]
message | string/textarea | - | Message
notes_last_contacted | datetime | r | Last Contacted
notes_last_updated | datetime | r | Last Activity Date
notes_next_activity_date | datetime | r | Next Activity Date
num_contacted_notes | number | r | Number of times contacted
num_notes | number | r | Number of Sales Activities
first_conversion_date | datetime | rc | First Conversion Date
first_conversion_event_name | string | rc | First Conversion
hs_predictivecontactscore | number | r | Predictive Lead Score
hs_predictivescoringtier | enumeration/radio | r | Contact priority
= tier_1; tier_2; tier_3; tier_4; closed_won
hs_sales_email_last_replied | datetime | r | Recent Sales Email Replied Date
hs_sales_email_last_opened | datetime | r | Recent Sales Email Opened Date
hs_last_sales_activity_timestamp | datetime | r | Last Engagement Date
hs_sequences_is_enrolled | bool | rc | Currently in Sequence
hs_content_membership_status | enumeration/select | - | Status
= active; inactive
hs_content_membership_notes | string/textarea | - | Membership Notes
currentlyinworkflow | enumeration/booleancheckbox | r | Currently in workflow
= true; false
[deal_information]
closedate | datetime | - | Close Date
hs_buying_role | enumeration/checkbox | - | Buying Role
= BLOCKER; BUDGET_HOLDER; CHAMPION; DECISION_MAKER; END_USER; EXECUTIVE_SPONSOR; INFLUENCER
= LEGAL_AND_COMPLIANCE; OTHER
num_associated_deals | number | r | Number of Associated Deals
recent_deal_amount | number | r | Recent Deal Amount
recent_deal_close_date | datetime | r | Recent Deal Close Date
first_deal_created_date | datetime | r | First Deal Created Date
total_revenue | number | r | Total Revenue
days_to_close | number | rc | Days To Close
[emailinformation]
hs_email_optout | bool | r | Unsubscribed from all email
hs_email_bounce | number | r | Marketing emails bounced
hs_email_open | number | r | Marketing emails opened
hs_email_click | number | r | Marketing emails clicked
hs_email_delivered | number | r | Marketing emails delivered
hs_email_replied | number | r | Marketing emails replied
hs_email_bad_address | bool | r | Invalid email address
hs_email_hard_bounce_reason_enum | enumeration/radio | r | Email hard bounce reason
= CONTENT; MAILBOX_FULL; OTHER; POLICY; SPAM; UNKNOWN_USER
hs_email_last_send_date | datetime | r | Last marketing email send date
hs_email_last_open_date | datetime | r | Last marketing email open date
hs_email_last_click_date | datetime | r | Last marketing email click date
hs_email_last_reply_date | datetime | r | Last marketing email reply date
hs_email_first_send_date | datetime | r | First marketing email send date
hs_email_first_open_date | datetime | r | First marketing email open date
hs_email_first_click_date | datetime | r | First marketing email click date
hs_email_sends_since_last_engagement | number | r | Sends Since Last Engagement
hs_email_quarantined | bool | r | Email Address Quarantined
hs_email_last_email_name | string | r | Last marketing email name
hs_emailconfirmationstatus | enumeration/select | r | Marketing email confirmation status
= ; Confirmed; Confirmation Pending; Confirmation Email Sent; User clicked confirmation
= HubSpot Rep. marked confirmed; Customer marked confirmed; Confirmed from previous behavior
= Confirmed due to form
hs_email_is_ineligible | bool | r | Is globally ineligible
hs_legal_basis | enumeration/checkbox | - | Legal basis for processing contact's data
= Legitimate interest – prospect/lead; Legitimate interest – existing customer
= Legitimate interest - other; Performance of a contract; Freely given consent from contact
= Not applicable
[analyticsinformation]
hs_analytics_source | enumeration/select | - | Original Source
= ORGANIC_SEARCH; PAID_SEARCH; EMAIL_MARKETING; SOCIAL_MEDIA; REFERRALS; OTHER_CAMPAIGNS
= DIRECT_TRAFFIC; OFFLINE; PAID_SOCIAL
hs_analytics_source_data_1 | string | r | Original Source Drill-Down 1
hs_analytics_source_data_2 | string | r | Original Source Drill-Down 2
hs_latest_source | enumeration/select | - | Latest Source
= ORGANIC_SEARCH; PAID_SEARCH; EMAIL_MARKETING; SOCIAL_MEDIA; REFERRALS; OTHER_CAMPAIGNS
= DIRECT_TRAFFIC; OFFLINE; PAID_SOCIAL
hs_latest_source_timestamp | date | - | Latest Source Date
hs_latest_source_data_1 | string | r | Latest Source Drill-Down 1
hs_latest_source_data_2 | string | r | Latest Source Drill-Down 2
hs_analytics_first_url | string | r | First Page Seen
hs_analytics_last_url | string | r | Last Page Seen
hs_analytics_first_referrer | string | r | First Referring Site
hs_analytics_last_referrer | string | r | Last Referring Site
hs_analytics_num_page_views | number | r | Number of Pageviews
hs_analytics_num_visits | number | r | Number of Sessions
hs_analytics_first_timestamp | datetime | r | Time First Seen
hs_analytics_last_timestamp | datetime | r | Time Last Seen
hs_analytics_revenue | number | r | Event Revenue
hs_analytics_average_page_views | number | r | Average Pageviews
hs_analytics_num_event_completions | number | r | Number of event completions
[conversioninformation]
num_conversion_events | number | rc | Number of Form Submissions
num_unique_conversion_events | number | rc | Number of Unique Forms Submitted
recent_conversion_date | datetime | rc | Recent Conversion Date
recent_conversion_event_name | string | rc | Recent Conversion
ip_city | string | r | IP City
ip_state | string | r | IP State/Region
ip_country | string | r | IP Country
ip_country_code | string | r | IP Country Code
ip_zipcode | string | r | IP Zipcode
hs_ip_timezone | string | r | IP Timezone
hs_facebook_click_id | string | - | Facebook click id
hs_facebook_ad_clicked | bool | - | Clicked Facebook ad
hs_google_click_id | string | - | Google ad click id
[socialmediainformation]
twitterbio | string | - | Twitter Bio
followercount | number | - | Follower Count
linkedinbio | string | - | LinkedIn Bio
linkedinconnections | number | - | LinkedIn Connections
photo | string | - | Photo
hs_linkedinid | string | - | Linkedin ID
[facebook_ads_properties]
date_of_birth | string | - | Date of birth
degree | string | - | Degree
field_of_study | string | - | Field of study
gender | string | - | Gender
graduation_date | string | - | Graduation date
job_function | string | - | Job function
marital_status | string | - | Marital Status
military_status | string | - | Military status
relationship_status | string | - | Relationship Status
school | string | - | School
seniority | string | - | Seniority
start_date | string | - | Start date
work_email | string | - | Work email
company_size | string | - | Company size
"""
