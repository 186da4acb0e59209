"""Which episode of care a visit belongs to, told from its main diagnosis.

An illness is one episode from its first visit to its last; a preventive examination is
another, and so is dispensary observation of a chronic illness, which lasts for years.
The doctor types none of it.

No database here: plain facts in, the number of an episode or None (a new one) out.
"""

from dataclasses import dataclass
from datetime import date, timedelta

ILLNESS, PROPHYLACTIC, DISPENSARY = "illness", "prophylactic", "dispensary"
# Z00–Z13 examinations, Z20–Z29 contacts and vaccinations, Z30–Z39 pregnancy and birth
PROPHYLACTIC_CODES = (("Z00", "Z13"), ("Z20", "Z39"))
# an illness that nobody came with for so long has ended; the next is a new case
PAUSE = {ILLNESS: timedelta(days=60), PROPHYLACTIC: timedelta(days=60)}


@dataclass(frozen=True)
class Episode:
    """An episode that is still open."""

    id: int
    kind: str
    category: str
    last_visit: date


def category_of(code):
    """Return the three characters that name the illness: "J06.9" → "J06"."""
    return code[:3]


def kind_of(code, is_chronic=False):
    """Return the kind of episode a main diagnosis makes."""
    category = category_of(code)
    if any(first <= category <= last for first, last in PROPHYLACTIC_CODES):
        return PROPHYLACTIC
    return DISPENSARY if is_chronic else ILLNESS


def choose(kind, category, day, episodes):
    """Return the open episode that a visit of a day goes on with, or None."""
    fitting = [
        episode
        for episode in episodes
        if episode.kind == kind
        and episode.category == category
        and not is_over(episode, day)
    ]
    return max(fitting, key=lambda one: (one.last_visit, one.id), default=None)


def is_over(episode, day):
    """Return whether an episode has been left without visits for too long."""
    pause = PAUSE.get(episode.kind)
    return pause is not None and day - episode.last_visit > pause
