"""Contact, Lead and Account: the fields of recorded describes of stock orgs."""

CONTACT = """
Id|Contact ID|id|di
IsDeleted|Deleted|boolean|d|default=false
MasterRecordId|Master Record ID|reference Contact|n
AccountId|Account ID|reference Account|ncu
LastName|Last Name|string 80|cu|of=Name
FirstName|First Name|string 40|ncu|of=Name
Salutation|Salutation|picklist 40|ncu|of=Name|values=Mr.;Ms.;Mrs.;Dr.;Prof.
Name|Full Name|string 121|
@address Other
@address Mailing
Phone|Business Phone|phone 40|ncu
Fax|Business Fax|phone 40|ncu
MobilePhone|Mobile Phone|phone 40|ncu
HomePhone|Home Phone|phone 40|ncu
OtherPhone|Other Phone|phone 40|ncu
AssistantPhone|Asst. Phone|phone 40|ncu
ReportsToId|Reports To ID|reference Contact|ncu
Email|Email|email 80|ncui
Title|Title|string 128|ncu
Department|Department|string 80|ncu
AssistantName|Assistant's Name|string 40|ncu
LeadSource|Lead Source|picklist 255|ncu|values=@LeadSource
Birthdate|Birthdate|date|ncu
Description|Contact Description|textarea 32000|ncu
OwnerId|Owner ID|reference User|cud
@audit
LastActivityDate|Last Activity|date|n
LastCURequestDate|Last Stay-in-Touch Request Date|datetime|n
LastCUUpdateDate|Last Stay-in-Touch Save Date|datetime|n
LastViewedDate|Last Viewed Date|datetime|n
LastReferencedDate|Last Referenced Date|datetime|n
EmailBouncedReason|Email Bounced Reason|string 255|ncu
EmailBouncedDate|Email Bounced Date|datetime|ncu
IsEmailBounced|Is Email Bounced|boolean|d|default=false
PhotoUrl|Photo URL|url 255|n
Jigsaw|Data.com Key|string 20|ncu
JigsawContactId|Jigsaw Contact ID|string 20|n|rel=JigsawContact
CleanStatus|Clean Status|picklist 40|ncur|values=@CleanStatus
IndividualId|Individual ID|reference Individual|ncu
"""

LEAD = """
Id|Lead ID|id|di
IsDeleted|Deleted|boolean|d|default=false
MasterRecordId|Master Record ID|reference Lead|n
LastName|Last Name|string 80|cu|of=Name
FirstName|First Name|string 40|ncu|of=Name
Salutation|Salutation|picklist 40|ncu|of=Name|values=Mr.;Ms.;Mrs.;Dr.;Prof.;Mx.
Name|Full Name|string 121|
Title|Title|string 128|ncu
Company|Company|string 255|cu
@address
Phone|Phone|phone 40|ncu
MobilePhone|Mobile Phone|phone 40|ncu
Fax|Fax|phone 40|ncu
Email|Email|email 80|ncui
Website|Website|url 255|ncu
PhotoUrl|Photo URL|url 255|n
Description|Description|textarea 32000|ncu
LeadSource|Lead Source|picklist 255|ncu|values=@LeadSource
Status|Status|picklist 255|cud|values=@LeadStatus|default=Open - Not Contacted
Industry|Industry|picklist 255|ncu|values=@Industry
Rating|Rating|picklist 255|ncu|values=@Rating
AnnualRevenue|Annual Revenue|currency 18,0|ncu
NumberOfEmployees|Employees|int 8|ncu
OwnerId|Owner ID|reference Group,User|cud
IsConverted|Converted|boolean|cd|default=false
ConvertedDate|Converted Date|date|n
ConvertedAccountId|Converted Account ID|reference Account|n
ConvertedContactId|Converted Contact ID|reference Contact|n
ConvertedOpportunityId|Converted Opportunity ID|reference Opportunity|n
IsUnreadByOwner|Unread By Owner|boolean|cud|default=true
@audit
LastActivityDate|Last Activity|date|n
LastViewedDate|Last Viewed Date|datetime|n
LastReferencedDate|Last Referenced Date|datetime|n
Jigsaw|Data.com Key|string 20|ncu
JigsawContactId|Jigsaw Contact ID|string 20|n|rel=JigsawContact
CleanStatus|Clean Status|picklist 40|ncur|values=@CleanStatus
CompanyDunsNumber|Company D-U-N-S Number|string 9|ncu
DandbCompanyId|D&B Company ID|reference DandBCompany|ncu
EmailBouncedReason|Email Bounced Reason|string 255|nu
EmailBouncedDate|Email Bounced Date|datetime|nu
IndividualId|Individual ID|reference Individual|ncu
"""

ACCOUNT = """
Id|Account ID|id|di
IsDeleted|Deleted|boolean|d|default=false
MasterRecordId|Master Record ID|reference Account|n
Name|Account Name|string 255|cu|of=Name
Type|Account Type|picklist 40|ncu|values=@AccountType
RecordTypeId|Record Type ID|reference RecordType|ncu
ParentId|Parent Account ID|reference Account|ncu
@address Billing
@address Shipping
Phone|Account Phone|phone 40|ncu
Fax|Account Fax|phone 40|ncu
AccountNumber|Account Number|string 40|ncu
Website|Website|url 255|ncu
PhotoUrl|Photo URL|url 255|n
Sic|SIC Code|string 20|ncu
Industry|Industry|picklist 40|ncu|values=@Industry
AnnualRevenue|Annual Revenue|currency 18,0|ncu
NumberOfEmployees|Employees|int 8|ncu
Ownership|Ownership|picklist 40|ncu|values=Public;Private;Subsidiary;Other
TickerSymbol|Ticker Symbol|string 20|ncu
Description|Account Description|textarea 32000|ncu
Rating|Account Rating|picklist 40|ncu|values=@Rating
Site|Account Site|string 80|ncu
OwnerId|Owner ID|reference User|cud
@audit
LastActivityDate|Last Activity|date|n
LastViewedDate|Last Viewed Date|datetime|n
LastReferencedDate|Last Referenced Date|datetime|n
IsPartner|Partner Account|boolean|ud|default=false
IsCustomerPortal|Customer Portal Account|boolean|ud|default=false
ChannelProgramName|Channel Program Name|string 255|n
ChannelProgramLevelName|Channel Program Level Name|string 255|n
Jigsaw|Data.com Key|string 20|ncu
JigsawCompanyId|Jigsaw Company ID|string 20|n|rel=JigsawCompany
CleanStatus|Clean Status|picklist 40|ncur|values=@CleanStatus
AccountSource|Account Source|picklist 40|ncu|values=@LeadSource
DunsNumber|D-U-N-S Number|string 9|ncu
Tradestyle|Tradestyle|string 255|ncu
NaicsCode|NAICS Code|string 8|ncu
NaicsDesc|NAICS Description|string 120|ncu
YearStarted|Year Started|string 4|ncu
SicDesc|SIC Description|string 80|ncu
DandbCompanyId|D&B Company ID|reference DandBCompany|ncu
OperatingHoursId|Operating Hour ID|reference OperatingHours|ncu
"""
