"""Opportunity, OpportunityContactRole and Case: the fields of recorded describes."""

OPPORTUNITY = """
Id|Opportunity ID|id|di
IsDeleted|Deleted|boolean|d|default=false
AccountId|Account ID|reference Account|ncu
IsPrivate|Private|boolean|cud|default=false
Name|Name|string 120|cui
Description|Description|textarea 32000|ncu
StageName|Stage|picklist 255|cu|values=@Stage
Amount|Amount|currency 18,2|ncu
Probability|Probability (%)|percent 3,0|ncud
ExpectedRevenue|Expected Amount|currency 18,2|n
TotalOpportunityQuantity|Quantity|double 18,2|ncu
CloseDate|Close Date|date|cu
Type|Opportunity Type|picklist 255|ncu|values=@OpportunityType
NextStep|Next Step|string 255|ncu
LeadSource|Lead Source|picklist 255|ncu|values=@LeadSource
IsClosed|Closed|boolean|d|default=false
IsWon|Won|boolean|d|default=false
ForecastCategory|Forecast Category|picklist 40|r|values=@Forecast
ForecastCategoryName|Forecast Category|picklist 255|ncudr|values=@ForecastName
CampaignId|Campaign ID|reference Campaign|ncu
HasOpportunityLineItem|Has Line Item|boolean|d|default=false
Pricebook2Id|Price Book ID|reference Pricebook2|ncud
OwnerId|Owner ID|reference User|cud
@audit
LastActivityDate|Last Activity|date|n
LastStageChangeDate|Last Stage Change Date|datetime|n
FiscalQuarter|Fiscal Quarter|int 8|n|of=Fiscal
FiscalYear|Fiscal Year|int 8|n|of=Fiscal
Fiscal|Fiscal Period|string 6|n|bytes=6
ContactId|Contact ID|reference Contact|nc|rel=
LastViewedDate|Last Viewed Date|datetime|n
LastReferencedDate|Last Referenced Date|datetime|n
HasOpenActivity|Has Open Activity|boolean|d|default=false
HasOverdueTask|Has Overdue Task|boolean|d|default=false
LastAmountChangedHistoryId|Opportunity History ID|reference OpportunityHistory|n
LastCloseDateChangedHistoryId|Opportunity History ID|reference OpportunityHistory|n
"""

CONTACT_ROLE = """
Id|Contact Role ID|id|di
OpportunityId|Opportunity ID|reference Opportunity|c
ContactId|Contact ID|reference Contact|cu
Role|Role|picklist 40|ncu|values=@ContactRole
IsPrimary|Primary|boolean|cud|default=false
@audit
IsDeleted|Deleted|boolean|d|default=false
"""

CASE = """
Id|Case ID|id|di
IsDeleted|Deleted|boolean|d|default=false
MasterRecordId|Master Record ID|reference Case|n
CaseNumber|Case Number|string 30|dia
ContactId|Contact ID|reference Contact|ncu
AccountId|Account ID|reference Account|ncu
AssetId|Asset ID|reference Asset|ncu
ParentId|Parent Case ID|reference Case|ncu
SuppliedName|Name|string 80|ncu
SuppliedEmail|Email Address|email 80|ncu
SuppliedPhone|Phone|string 40|ncu
SuppliedCompany|Company|string 80|ncu
Type|Case Type|picklist 40|ncu|values=Mechanical;Electrical;Electronic;Structural;Other
Status|Status|picklist 40|ncud|values=New;Working;Escalated;Closed|default=New
Reason|Case Reason|picklist 40|ncu|values=@CaseReason
Origin|Case Origin|picklist 40|ncu|values=Phone;Email;Web
Subject|Subject|string 255|ncu
Priority|Priority|picklist 40|ncud|values=High;Medium;Low|default=Medium
Description|Description|textarea 32000|ncu
IsClosed|Closed|boolean|d|default=false
ClosedDate|Closed Date|datetime|n
IsEscalated|Escalated|boolean|cud|default=false
OwnerId|Owner ID|reference Group,User|cud
@audit
ContactPhone|Contact Phone|phone 40|n
ContactMobile|Contact Mobile|phone 40|n
ContactEmail|Contact Email|email 80|n
ContactFax|Contact Fax|phone 40|n
Comments|Internal Comments|textarea 4000|ncu|bytes=4000
LastViewedDate|Last Viewed Date|datetime|n
LastReferencedDate|Last Referenced Date|datetime|n
"""
