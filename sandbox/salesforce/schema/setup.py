"""User, Group, Organization, Campaign, CampaignMember and Task.

No recorded describe of these was at hand: the fields are the ones a sync reads, typed as the
object reference documents them.
"""

USER = """
Id|User ID|id|di
Username|Username|string 80|cui
LastName|Last Name|string 80|cu|of=Name
FirstName|First Name|string 40|ncu|of=Name
Name|Full Name|string 121|
CompanyName|Company Name|string 80|ncu
Title|Title|string 80|ncu
Email|Email|email 128|cui
Phone|Phone|phone 40|ncu
Alias|Alias|string 8|cu
IsActive|Active|boolean|cud|default=true
TimeZoneSidKey|Time Zone|picklist 40|cud|default=Europe/Dublin
LocaleSidKey|Locale|picklist 40|cud|default=en_US
EmailEncodingKey|Email Encoding|picklist 40|cud|values=UTF-8;ISO-8859-1|default=UTF-8
LanguageLocaleKey|Language|picklist 40|cud|default=en_US
ProfileId|Profile ID|reference Profile|ncud
UserType|User Type|picklist 40|nd|values=Standard;PowerPartner;Guest|default=Standard
FederationIdentifier|SAML Federation ID|string 512|ncui
@audit
"""

GROUP = """
Id|Group ID|id|di
Name|Name|string 40|cu
DeveloperName|Developer Name|string 80|ncud
RelatedId|Related ID|reference User|n
Type|Type|picklist 40|cr|values=Regular;Queue;Role;RoleAndSubordinates;Organization
Email|Email|email 255|ncu
OwnerId|Owner ID|reference User|d
@audit
"""

ORGANIZATION = """
Id|Organization ID|id|di
Name|Name|string 80|cu
InstanceName|Instance Name|string 5|n
IsSandbox|Is Sandbox|boolean|nd|default=false
OrganizationType|Edition|picklist 40|n|values=Developer Edition;Enterprise Edition
NamespacePrefix|Namespace Prefix|string 15|n
TrialExpirationDate|Trial Expiration Date|datetime|n
@audit
"""

CAMPAIGN = """
Id|Campaign ID|id|di
IsDeleted|Deleted|boolean|d|default=false
Name|Name|string 80|cui
ParentId|Parent Campaign ID|reference Campaign|ncu
Type|Type|picklist 40|ncu|values=Conference;Webinar;Trade Show;Email;Advertisement;Other
Status|Status|picklist 40|ncud|values=Planned;In Progress;Completed;Aborted|default=Planned
StartDate|Start Date|date|ncu
EndDate|End Date|date|ncu
Description|Description|textarea 32000|ncu
IsActive|Active|boolean|cud|default=false
OwnerId|Owner ID|reference User|cud
@audit
"""

CAMPAIGN_MEMBER = """
Id|Campaign Member ID|id|di
IsDeleted|Deleted|boolean|d|default=false
CampaignId|Campaign ID|reference Campaign|c
LeadId|Lead ID|reference Lead|nc
ContactId|Contact ID|reference Contact|nc
Status|Status|picklist 40|ncud|values=Sent;Responded|default=Sent
HasResponded|Responded|boolean|d|default=false
@audit
"""

TASK = """
Id|Activity ID|id|di
WhoId|Name ID|reference Contact,Lead|ncu
WhatId|Related To ID|reference Account,Opportunity,Campaign,Case|ncu
Subject|Subject|combobox 255|ncu
ActivityDate|Due Date Only|date|ncu
Status|Status|picklist 40|cud|values=Not Started;In Progress;Completed;Deferred|default=Not Started
Priority|Priority|picklist 40|cud|values=High;Normal;Low|default=Normal
Description|Description|textarea 32000|ncu
OwnerId|Assigned To ID|reference Group,User|cud
IsClosed|Closed|boolean|d|default=false
@audit
IsDeleted|Deleted|boolean|d|default=false
"""
