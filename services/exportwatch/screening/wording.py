"""The closed lists of a decision, in words for a person."""

from collections.abc import Mapping

from exportwatch.law.model import Text
from exportwatch_events.catalogue import LicenseNeed

RESULTS = {
    "prohibited": "PROHIBITED: it may not be exported, or no dealing with that party is allowed",
    "license_required": "LICENCE REQUIRED",
    "review": "REVIEW: a fact or the status of the law is open; a person decides",
    "suspended": "SUSPENDED: listed, and the instrument is suspended on this day",
    "not_yet_effective": "NOT YET EFFECTIVE: published, not in force on this day",
    "not_required": "NOT REQUIRED: screened, nothing found",
}
HOLDS = {"hold": "hold the goods or the transfer", "person": "ask a person", "release": "release"}
FLAGS = {
    "presumed_denial": "refusal is the announced policy",
    "general_license_barred": "a watch-listed party: an individual licence only",
    "contract_registration": "technology that needs no licence still has its contract registered",
    "ordinary_export_license": "not dual-use, but an ordinary export licence is needed",
    "near_threshold": "a value lies within 10 % of a limit of the law",
    "customs_remark": "say in the declaration's remark why it is not controlled (不属于管制物项)",
    "deemed_export": "technology for a foreign person inside China",
    "report_within_10_working_days": "report to the ministry within 10 working days",
    "hold_negotiation": "stop negotiating until the letter of intent is granted",
    "hold_transfer": "stop the transfer until the licence is granted",
}
SHORT = {
    "prohibited": "Prohibited",
    "license_required": "Licence required",
    "review": "Review",
    "suspended": "Suspended",
    "not_yet_effective": "Not yet effective",
    "not_required": "Not required",
}
# The permit that an item needs, as its statute calls it.
NEEDS: Mapping[LicenseNeed, Text] = {
    LicenseNeed.DUAL_USE_LICENSE: Text("a dual-use export licence", "两用物项出口许可证"),
    LicenseNeed.TECHNOLOGY_LICENSE: Text("a technology export licence", "技术出口许可证"),
    LicenseNeed.LETTER_OF_INTENT: Text("a letter of intent for a technology export", "技术出口许可意向书"),
    LicenseNeed.REGISTRATION_CERTIFICATE: Text("an export certificate by registration", "登记填报出口凭证"),
}
