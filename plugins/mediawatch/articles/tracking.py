"""The query parameters that say how a reader came to a page, and those that say which page it is."""

from __future__ import annotations

TRACKING_PREFIXES = (
    *("utm_", "mtm_", "matomo_", "piwik_", "pk_", "hsa_", "sfmc_", "fb_", "guce_", "trk_"),
    *("ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "at_medium", "at_campaign", "at_custom"),
    *("at_link", "at_format", "at_bbc", "at_ptr", "at_point"),
)
"""Names that begin with one of these never name a page."""

TRACKING = frozenset(
    (
        # advertisers' click ids
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid", "ymclid"),
        *("li_fat_id", "igsh", "igshid", "rb_clickid", "wickedid", "s_kwcid", "epik", "srsltid", "_openstat"),
        # newsletters and mail
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", "vero_id"),
        *("vero_conv", "oly_anon_id", "oly_enc_id", "ck_subscriber_id", "bxid", "cndid", "esrc", "emc", "nl_key"),
        # web analytics
        *("_ga", "_gl", "wt_mc", "wt.mc_id", "wt_zmc", "xtor", "sc_campaign", "sc_channel", "sc_cid", "icid", "ocid"),
        *("cmpid", "campaign_id", "guccounter", "soc_src", "soc_trk", "tsrc", ".tsrc", "spm", "trk", "ito", "sr_share"),
        *("smid", "smtyp", "ref_src", "ref_url", "share_token", "sharetoken", "action_object_map", "action_type_map"),
        *("action_ref_map", "__twitter_impression", "echobox", "dicbo", "s_cid", "mbid", "ncid", "ftag", "ftcamp"),
        # what AMP caches add
        *("usqp", "amp_js_v", "amp_gsa", "amp_r", "amp_lite", "_js_v"),
    )
)
"""Names, lower-case, that never name a page."""

CHANNELS = frozenset(
    (
        *("rss", "feed", "feeds", "rssfeed", "rss_feed", "atom", "newsletter", "email", "mail", "social", "share"),
        *("twitter", "tw", "facebook", "fb", "whatsapp", "telegram", "linkedin", "google", "googlenews", "flipboard"),
        *("home", "homepage", "hp", "upstract.com", "article", "articlelink", "push", "app"),
    )
)
"""Values that turn a `CHANNEL_NAMES` parameter into a tracking parameter."""

CHANNEL_NAMES = frozenset(("ref", "source", "src", "from", "via", "partner", "cmp", "medium", "share", "feed", "mode"))
"""Names that may name a page, unless their value is one of `CHANNELS`."""

TWIN_PARAMETERS = frozenset(
    (
        *(("amp", value) for value in ("", "1", "true", "yes", "amp")),
        *((name, "amp") for name in ("outputtype", "output", "view", "type", "format")),
        *(("rss", value) for value in ("", "1", "true")),
    )
)
"""(name, value) pairs, lower-case, that ask for an AMP or feed version of the same page."""

IDENTITY = frozenset(
    (
        *("id", "sid", "aid", "nid", "cid", "pid", "tid", "docid", "doc", "p", "post", "postid", "page_id", "pageid"),
        *("story", "storyid", "story_id", "article", "articleid", "article_id", "artid", "idarticle", "news", "newsid"),
        *("news_id", "item", "itemid", "item_id", "contentid", "content_id", "guid", "key", "no", "v"),
    )
)
"""Names that say which page it is: a canonical link that loses one of them is not believed."""
