"""Picklists that several fields share, with the values of a stock org."""

from collections.abc import Mapping

_INDUSTRY = """
Agriculture;Apparel;Banking;Biotechnology;Chemicals;Communications;Construction;Consulting;
Education;Electronics;Energy;Engineering;Entertainment;Environmental;Finance;Food & Beverage;
Government;Healthcare;Hospitality;Insurance;Machinery;Manufacturing;Media;Not For Profit;
Recreation;Retail;Shipping;Technology;Telecommunications;Transportation;Utilities;Other
"""
_GEOCODE = """
Address;NearAddress;Block;Street;ExtendedZip;Zip;Neighborhood;City;County;State;Unknown
"""
_CLEAN = "Matched;Different;Acknowledged;NotFound;Inactive;Pending;SelectMatch;Skipped"
_STAGE = """
Prospecting;Qualification;Needs Analysis;Value Proposition;Id. Decision Makers;
Perception Analysis;Proposal/Price Quote;Negotiation/Review;Closed Won;Closed Lost
"""
_ROLE = """
Business User;Decision Maker;Economic Buyer;Economic Decision Maker;Evaluator;
Executive Sponsor;Influencer;Technical Buyer;Other
"""


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\n", "").split(";"))


SHARED: Mapping[str, tuple[str, ...]] = {
    "Industry": _split(_INDUSTRY),
    "Geocode": _split(_GEOCODE),
    "CleanStatus": _split(_CLEAN),
    "LeadSource": _split("Web;Phone Inquiry;Partner Referral;Purchased List;Other"),
    "LeadStatus": _split(
        "Open - Not Contacted;Working - Contacted;Closed - Converted;Closed - Not Converted"
    ),
    "Rating": _split("Hot;Warm;Cold"),
    "Stage": _split(_STAGE),
    "Forecast": _split("Omitted;Pipeline;BestCase;MostLikely;Forecast;Closed"),
    "ForecastName": _split("Omitted;Pipeline;Best Case;Commit;Closed"),
    "ContactRole": _split(_ROLE),
    "AccountType": _split(
        "Prospect;Customer - Direct;Customer - Channel;Channel Partner / Reseller;"
        "Installation Partner;Technology Partner;Other"
    ),
    "OpportunityType": _split(
        "Existing Customer - Upgrade;Existing Customer - Replacement;"
        "Existing Customer - Downgrade;New Customer"
    ),
    "CaseReason": _split(
        "Installation;Equipment Complexity;Performance;Breakdown;Equipment Design;Feedback;Other"
    ),
}
