"""What a media file says inside itself; a crawl asks for some only where the settings want them (`media_per_site`)."""

from __future__ import annotations

from crawler.media import C2PA, IPTC, LICENCE, TDMREP, read
from crawler.media_rsl import RSL
from crawler.records import Carrier, Exchange, Signal, Statement
from crawler.vocabulary import ROLE_MEDIA, Axis, Part, Use

_IPTC = Carrier(
    IPTC,
    "IPTC/PLUS Data Mining in XMP",
    "https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata#data-mining",
    "IPTC standard 2023.1",
    (Use.TDM, Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.SEARCH),
    "media-iptc",
)
_C2PA = Carrier(
    C2PA,
    "C2PA training and data mining",
    "https://cawg.io/training-and-data-mining/1.1/",
    "CAWG 1.1, DIF ratified",
    (Use.TDM, Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT),
    "media-c2pa",
)
_TDMREP = Carrier(
    TDMREP,
    "TDMRep in PDF and EPUB",
    "https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240202/",
    "W3C community group report",
    (Use.TDM,),
    "tdmrep-media",
)
_RSL = Carrier(
    RSL,
    "RSL inside a media file",
    "https://rslstandard.org/rsl",
    "RSL Collective recommendation",
    (
        *(Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.AI_INDEX, Use.SEARCH, Use.USER_FETCH, Use.ARCHIVE),
        Use.TDM,
    ),
    "media-rsl",
)
_LICENCE = Carrier(
    LICENCE, "Licence inside a media file", "https://wiki.creativecommons.org/wiki/XMP", "custom", axis=Axis.LICENCE
)


def read_media(exchange: Exchange) -> list[Statement]:
    """The statements of the file; they reach no further than it."""
    return read(exchange.body or b"")


MEDIA = Signal("media", 2, ROLE_MEDIA, Part.BODY, (_IPTC, _C2PA, _TDMREP, _RSL, _LICENCE), read_media)
