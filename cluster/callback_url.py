"""The option ``callback_url``: where a job's terminal record is sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from cluster.errors import OptionInvalid
from cluster.reach import Reach

LONGEST = 2000
"""Characters, once encoded."""


@dataclass(frozen=True, slots=True)
class CallbackTerms:
    """signed: whether there is a secret to sign with; without one no callback is taken. reach: where one may lead."""

    signed: bool = False
    reach: Reach = field(default_factory=Reach)


def check_callback_url(text: str | None, terms: CallbackTerms) -> str | None:
    """The URL as it is stored and called: encoded, without fragment; None where it is empty. OptionInvalid.

    The client's text is not told back: it may carry a secret.
    """
    if not text:
        return None
    import httpx  # where it is used: settings are read in every process, and httpx takes a tenth of a second to import

    if not terms.signed:
        raise OptionInvalid("`callback_url` is not allowed on this server: it has no secret to sign callbacks with.")
    own = ", or one in this server's own networks, http too" if terms.reach.networks else ""
    allowed = f"allowed is an https URL of a public host{own}"
    try:
        url = httpx.URL(text.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        raise OptionInvalid(f"`callback_url` is no URL; {allowed}.") from None
    if len(str(url)) > LONGEST:
        raise OptionInvalid(f"`callback_url` is longer than the allowed {LONGEST} characters.")
    refusal = terms.reach.refusal(url)
    if refusal is not None:
        raise OptionInvalid(f"`callback_url` is refused, for {refusal}; {allowed}.")
    return str(url)
