"""Robots.txt files and what each must say of addresses, by RFC 9309 and Google's matcher.

Written for this project: `(what it is about, file, addresses it allows, addresses it forbids)`. The
addresses are paths on one host, parted by white space.
"""

from __future__ import annotations

ALL = "User-agent: *\n"
OURS = "User-agent: scraper\n"

LINES = [
    ("an empty file", "", "/ /lamp", ""),
    ("a file of comments", "# Disallow: /\n#\n", "/ /lamp", ""),
    ("line feeds", f"{ALL}Disallow: /lamp\nAllow: /lamp/wick\n", "/ /lamp/wick", "/lamp"),
    ("carriage returns", "User-agent: *\rDisallow: /lamp\rAllow: /lamp/w\r", "/lamp/w", "/lamp"),
    ("both", "User-agent: *\r\n\r\nDisallow: /lamp\r\n", "/oil", "/lamp"),
    ("a mixture", "User-agent: *\r\nDisallow: /lamp\rDisallow: /oil\n", "/wick", "/lamp /oil"),
    ("two carriage returns", "User-agent: *\r\r\nDisallow: /lamp\r\r\n", "/oil", "/lamp"),
    ("no last line end", f"{ALL}Disallow: /lamp", "/oil", "/lamp"),
    ("a vertical tab ends no line", f"{ALL}Disallow: /lamp\vAllow: /lamp", "/lamp", ""),
    ("a line separator ends no line", f"{ALL}Disallow: /lamp\u2028Allow: /", "/lamp", ""),
    ("white space around", " \tUser-agent \t:\t * \nDisallow\t:  /lamp \t\n", "/oil", "/lamp"),
    ("no white space", "User-agent:*\nDisallow:/lamp\n", "/oil", "/lamp"),
    ("large letters", "USER-AGENT: *\nDISALLOW: /lamp\nALLOW: /lamp/w\n", "/lamp/w", "/lamp"),
    ("mixed letters", "uSeR-aGeNt: *\ndIsAlLoW: /lamp\naLlOw: /lamp/w\n", "/lamp/w", "/lamp"),
    ("a comment behind a rule", f"{ALL}Disallow: /lamp # all of it\n", "/oil", "/lamp"),
    ("a comment in a rule", f"{ALL}Disallow: /lamp#wick\n", "/oil", "/lamp /lamp/wick /lampwick"),
    ("a comment behind a name", "User-agent: * # each\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("a comment in place of a value", f"{ALL}Disallow: # /lamp\n", "/lamp", ""),
    ("a comment between", f"{ALL}# a group\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("an empty line between", f"{ALL}\n\n\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("a colon in the value", f"{ALL}Disallow: /lamp:wick\n", "/lamp /lamp/wick", "/lamp:wick"),
    ("only a colon", f":\n{ALL}: /\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("no key", f"{ALL}: /oil\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("a word alone", f"{ALL}Disallow\n/\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("other keys", "Robot: *\nForbid: /\n", "/ /lamp", ""),
    ("a NUL at the end", f"{ALL}Disallow: /lamp\0\n", "/oil", "/lamp"),
    ("NULs alone", "\0" * 99, "/ /lamp", ""),
    ("a page of HTML", "<!doctype html><title>Oil</title>\n<p>Disallow: /\n</p>", "/ /lamp", ""),
    ("HTML breaks", "User-agent: *\n<br>\nDisallow: /lamp\n<br />\n", "/oil", "/lamp"),
]

SLIPS = [
    ("no colon", "User-agent *\nDisallow /lamp\n", "/oil", "/lamp"),
    ("no colon but a tab", "User-agent\t*\nDisallow\t\t/lamp\n", "/oil", "/lamp"),
    ("no colon in Allow", f"{ALL}Disallow: /\nAllow /lamp\n", "/lamp", "/oil"),
    ("no colon and three words", f"{ALL}Disallow /lamp /oil\n", "/lamp /oil", ""),
    ("Useragent", "Useragent: *\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("User agent", "User agent: *\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("User-agents", "User-agents: *\nDisallow: /lamp\n", "/oil", "/lamp"),
    *(
        (slip, f"{ALL}{slip}: /lamp\n", "/oil", "/lamp /lamp/wick")
        for slip in ("Dissallow", "Dissalow", "Disalow", "Diasllow", "Disallaw", "DISALLOWED")
    ),
    ("an unknown slip", f"{ALL}Disalllow: /lamp\n", "/lamp", ""),
    ("a slip in Allow", f"{ALL}Disallow: /lamp\nAllowed: /lamp/wick\n", "/oil", "/lamp/wick"),
    ("another slip in Allow", f"{ALL}Disallow: /lamp\nAlow: /lamp/wick\n", "/oil", "/lamp/wick"),
]

NAMES = [
    *(
        (f"{name!r} is ours", f"User-agent: {name}\nDisallow: /lamp\n", "/oil", "/lamp")
        for name in (
            "scraper",
            "SCRAPER",
            "sCrApEr",
            "scraper/1.0",
            "scraper/*",
            "scraper images",
            "scraper, lantern",
            "scraper;v=2",
            "scraper2",
            "scraper.example",
            "scraper*",
            "scraper(+https://codes.example)",
            "*",
            "* and all",
            "*\tall",
        )
    ),
    *(
        (f"{name!r} is not ours", f"User-agent: {name}\nDisallow: /lamp\n", "/oil /lamp", "")
        for name in (
            "scraperx",
            "scraper-images",
            "scraper_images",
            "scrap",
            "scrape",
            "the scraper",
            "my-scraper",
            "/scraper",
            "1scraper",
            "",
            "lantern",
            "*scraper",
            "**",
            "*/1.0",
            "\u00e9scraper",
        )
    ),
]

GROUPS = [
    ("rules before any name", f"Disallow: /\n{ALL}Disallow: /lamp\n", "/oil", "/lamp"),
    ("rules without a name", "Disallow: /\nAllow: /lamp\n", "/ /lamp /oil", ""),
    ("a name without rules", ALL, "/ /lamp", ""),
    ("our name without rules beats *", f"{ALL}Disallow: /\n{OURS}", "/ /lamp", ""),
    ("an empty rule of ours beats *", f"{ALL}Disallow: /\n{OURS}Disallow:\n", "/ /lamp", ""),
    ("ours before *", f"{OURS}Disallow: /oil\n{ALL}Disallow: /lamp\n", "/lamp", "/oil"),
    ("ours after *", f"{ALL}Disallow: /lamp\n{OURS}Disallow: /oil\n", "/lamp", "/oil"),
    ("another's group", "User-agent: lantern\nDisallow: /\n", "/ /lamp", ""),
    (
        "another's group around *",
        f"User-agent: lantern\nAllow: /\n{ALL}Disallow: /lamp\nUser-agent: torch\nAllow: /lamp\n",
        "/oil",
        "/lamp",
    ),
    (
        "two names of one group",
        f"User-agent: lantern\n{OURS}Disallow: /lamp\n",
        "/oil",
        "/lamp",
    ),
    ("our name first of two", f"{OURS}User-agent: lantern\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("our name and *", f"{OURS}{ALL}Disallow: /lamp\n", "/oil", "/lamp"),
    ("an empty line in a list", f"{OURS}\n\nUser-agent: torch\nDisallow: /lamp\n", "/oil", "/lamp"),
    (
        "a rule ends a list",
        f"{OURS}Disallow: /lamp\nUser-agent: torch\nDisallow: /oil\n",
        "/oil",
        "/lamp",
    ),
    (
        "an empty rule ends a list",
        f"{OURS}Disallow:\nUser-agent: torch\nDisallow: /oil\n",
        "/oil",
        "",
    ),
    *(
        (
            f"{line!r} ends no list",
            f"{OURS}{line}\nUser-agent: torch\nDisallow: /lamp\n",
            "/oil",
            "/lamp",
        )
        for line in (
            "Sitemap: https://codes.example/map.xml",
            "Crawl-delay: 3",
            "Request-rate: 1/5",
            "Host: codes.example",
            "Clean-param: ref /oil",
            "Noindex: /oil",
            "Unheard-of: yes",
            "<br>",
            "Allowed: /wick",
            "# a comment",
        )
    ),
    *(
        (
            f"{line!r} ends no group",
            f"{ALL}Disallow: /lamp\n{line}\nDisallow: /oil\n",
            "/wick",
            "/lamp /oil",
        )
        for line in ("", "Sitemap: /map.xml", "Crawl-delay: 1", "Unheard-of: yes", "\0", "broken")
    ),
    (
        "groups of one name are one",
        f"{OURS}Disallow: /lamp\n\nUser-agent: torch\nAllow: /\n\n{OURS}Disallow: /oil\n",
        "/wick",
        "/lamp /oil",
    ),
    ("groups of * are one", f"{ALL}Disallow: /lamp\n{ALL}Disallow: /oil\n", "/w", "/lamp /oil"),
    (
        "names differ in case alone",
        f"{OURS}Disallow: /lamp\nUser-agent: Scraper/2\nDisallow: /oil\n",
        "/wick",
        "/lamp /oil",
    ),
    (
        "the longest wins across groups",
        f"{OURS}Disallow: /lamp\n\n{OURS}Allow: /lamp/wick\n",
        "/lamp/wick",
        "/lamp",
    ),
    (
        "a nameless list is nobody's",
        f"{ALL}Disallow: /lamp\nUser-agent:\nDisallow: /oil\n",
        "/oil",
        "/lamp",
    ),
]

PRECEDENCE = [
    ("nothing at all", f"{ALL}Disallow:\n", "/ /lamp", ""),
    ("everything", f"{ALL}Disallow: /\n", "", "/ /lamp /?q"),
    ("an empty Allow", f"{ALL}Disallow: /lamp\nAllow:\n", "/oil", "/lamp"),
    ("both empty", f"{ALL}Disallow:\nAllow:\n", "/lamp", ""),
    ("both the same", f"{ALL}Disallow: /lamp\nAllow: /lamp\n", "/lamp /lamp/wick", ""),
    ("both the root", f"{ALL}Allow: /\nDisallow: /\n", "/ /lamp", ""),
    ("a longer Allow", f"{ALL}Disallow: /lamp\nAllow: /lamp/wick\n", "/lamp/wick/1", "/lamp/w"),
    ("a longer Allow first", f"{ALL}Allow: /lamp/wick\nDisallow: /lamp\n", "/lamp/wick", "/lamp"),
    ("a longer Disallow", f"{ALL}Allow: /lamp\nDisallow: /lamp/wick\n", "/lamp", "/lamp/wick"),
    ("a slash more", f"{ALL}Disallow: /lamp\nAllow: /lamp/\n", "/lamp/ /lamp/w", "/lamp /lampoon"),
    ("a star counts", f"{ALL}Allow: /lamp\nDisallow: /*.oil\n", "/lamp", "/lamp.oil"),
    ("pattern, not match", f"{ALL}Allow: /lamp.\nDisallow: /*.oil\n", "/lamp.w", "/lamp2.oil"),
    ("a tie with a star", f"{ALL}Allow: /lamp.\nDisallow: /*.oi\n", "/lamp.oil", "/oil.oil"),
    ("a dollar counts", f"{ALL}Allow: /$\nDisallow: /\n", "/", "/lamp /?q"),
    (
        "a dollar and a longer",
        f"{ALL}Disallow: /lamp$\nAllow: /lamp\n",
        "/lamp/w /lampoon",
        "/lamp",
    ),
    ("three levels", f"{ALL}Disallow: /a\nAllow: /a/b\nDisallow: /a/b/c\n", "/a/b", "/a /a/b/c/d"),
    ("the same twice", f"{ALL}Disallow: /lamp\nDisallow: /lamp\n", "/oil", "/lamp"),
    ("no slash", f"{ALL}Disallow: lamp\n", "/lamp /lamp/wick", ""),
    ("a full address", f"{ALL}Disallow: https://codes.example/lamp\n", "/lamp", ""),
    ("case of a path", f"{ALL}Disallow: /Lamp\n", "/lamp /LAMP", "/Lamp /Lampoon"),
]

STARS = [
    (
        "a start",
        f"{ALL}Disallow: /moth\n",
        "/Moth /amoth /?id=moth",
        "/moth /moth.w /mothball /moth/9",
    ),
    (
        "a start and a star",
        f"{ALL}Disallow: /moth*\n",
        "/Moth /amoth",
        "/moth /mothball /moth/9?id=1",
    ),
    ("a folder", f"{ALL}Disallow: /moth/\n", "/moth /moth.w /Moth/", "/moth/ /moth/9 /moth/?id=1"),
    (
        "an ending",
        f"{ALL}Disallow: /*.wax\n",
        "/ /wax /a.WAX /awax/",
        "/.wax /a.wax /a/b.wax /a.wax?q /a.wax/ /a.waxy /?f=a.wax",
    ),
    (
        "an anchored ending",
        f"{ALL}Disallow: /*.wax$\n",
        "/ /a.wax?q /a.wax/ /a.waxy /wax /a.WAX",
        "/a.wax /a/b.wax /a.wax.wax /?f=a.wax",
    ),
    (
        "in the middle",
        f"{ALL}Disallow: /moth*.wax\n",
        "/moth /Moth.wax",
        "/moth.wax /moths/a.wax?q",
    ),
    (
        "one folder",
        f"{ALL}Disallow: /*/wick\n",
        "/wick /a/wic",
        "/a/wick /a/b/wick /a/wicket //wick",
    ),
    ("two stars", f"{ALL}Disallow: /a*b*c\n", "/abx /acb /bac", "/abc /axbxc /aabbcc /a/b/c/d"),
    ("stars side by side", f"{ALL}Disallow: /a**b\n", "/a /ba", "/ab /axb /abb"),
    ("a star alone", f"{ALL}Disallow: *\n", "", "/ /lamp /?q"),
    ("a star first", f"{ALL}Disallow: *wick\n", "/ /wic", "/wick /a/wick /?wick"),
    ("a star and the end", f"{ALL}Disallow: /a*$\n", "/ /b", "/a /ab /a/b?c"),
    ("only the root", f"{ALL}Disallow: /$\n", "/a /?q", "/"),
    ("only a dollar", f"{ALL}Disallow: $\n", "/ /a /$", ""),
    ("a dollar inside", f"{ALL}Disallow: /a$b\n", "/a /ab", "/a$b /a$bc /a%24b"),
    ("two dollars", f"{ALL}Disallow: /a$$\n", "/a /a$b /a$$", "/a$ /a%24"),
    ("overlapping pieces", f"{ALL}Disallow: /aba*aba$\n", "/aba /ababa", "/abaaba /abaxaba"),
    ("the last fit counts", f"{ALL}Disallow: /*ab$\n", "/abc /a", "/ab /abab /abcab"),
    ("a query", f"{ALL}Disallow: /*?\n", "/ /lamp /lamp;q", "/?q /lamp?q= /lamp?"),
    ("a key of a query", f"{ALL}Disallow: /*?*id=\n", "/?x=1 /id=1", "/?id=1 /a?x=1&id=2"),
    (
        "a path and query",
        f"{ALL}Disallow: /lamp?id=1\n",
        "/lamp /lamp?id=2",
        "/lamp?id=1 /lamp?id=12",
    ),
    ("regular expressions", f"{ALL}Disallow: /a.b+[c]\n", "/axb+[c] /abbc", "/a.b+[c]"),
    ("brackets", f"{ALL}Disallow: /(a|b)\n", "/a /b", "/(a|b)"),
    ("parameters", f"{ALL}Disallow: /lamp;\n", "/lamp /lamp/", "/lamp;v=1 /lamp;"),
    (
        "an index page",
        f"{ALL}Disallow: /\nAllow: /a/index.html\n",
        "/a/ /a/index.html",
        "/a /a/b /",
    ),
    ("an old index page", f"{ALL}Disallow: /\nAllow: /a/index.htm\n", "/a/ /a/index.html", "/a/x"),
    ("the first index page", f"{ALL}Disallow: /\nAllow: /index.html\n", "/ /index.html", "/a /a/"),
    ("a forbidden index page", f"{ALL}Disallow: /a/index.html\n", "/a/ /a/b", "/a/index.html"),
    ("no index page", f"{ALL}Disallow: /\nAllow: /a/index.wax\n", "/a/index.wax", "/a/ /a/b"),
]

SPELLINGS = [
    ("small hex digits", f"{ALL}Disallow: /%c3%bc\n", "/%c3%bd", "/%c3%bc /%C3%BC /%C3%bC/a"),
    ("large hex digits", f"{ALL}Disallow: /%C3%BC\n", "/%C3%BD", "/%c3%bc /%C3%BC"),
    ("octets as they are", f"{ALL}Disallow: /\u00fc\n", "/u", "/%c3%bc /%C3%BC /\u00fc"),
    ("a plain address", f"{ALL}Disallow: /%C3%BC\n", "/u", "/\u00fc /\u00fcber"),
    ("three octets", f"{ALL}Disallow: /a/\u6708\n", "/a/%E6%9C%89", "/a/%E6%9C%88 /a/\u6708/b"),
    ("Allow of octets", f"{ALL}Disallow: /\nAllow: /\u00fc\n", "/%C3%BC /%c3%bc", "/u"),
    ("Allow never guesses", f"{ALL}Disallow: /\nAllow: /%C3%BC\n", "/%C3%BC", "/\u00fc"),
    ("letters in vain", f"{ALL}Disallow: /%6Camp\n", "/Lamp", "/lamp /%6camp /%6Camp /l%61mp"),
    ("letters in the address", f"{ALL}Disallow: /lamp\n", "/Lamp", "/%6Camp /l%61%6d%70"),
    ("a tilde in vain", f"{ALL}Disallow: /%7Emoth\n", "/moth", "/~moth /%7emoth /%7Emoth"),
    ("a tilde in the address", f"{ALL}Disallow: /~moth\n", "/moth", "/%7Emoth /~moth"),
    ("Allow and the address", f"{ALL}Disallow: /\nAllow: /~moth\n", "/~moth /%7Emoth", "/moth"),
    ("Allow in vain", f"{ALL}Disallow: /\nAllow: /%6Camp\n", "/%6Camp /%6camp", "/lamp"),
    ("digits in vain", f"{ALL}Disallow: /%31\n", "/2", "/1 /%31 /12"),
    ("a slash is a slash", f"{ALL}Disallow: /a%2Fb\n", "/a/b", "/a%2Fb /a%2fb"),
    ("a slash stays one", f"{ALL}Disallow: /a/b\n", "/a%2Fb", "/a/b"),
    ("a question mark", f"{ALL}Disallow: /a%3Fb\n", "/a?b", "/a%3Fb /a%3fb"),
    ("a plain star", f"{ALL}Disallow: /a-%2A.w\n", "/a-b.w", "/a-*.w /a-%2A.w /a-%2a.w"),
    ("a plain dollar", f"{ALL}Disallow: /a-%24\n", "/a-", "/a-$ /a-%24 /a-$b"),
    ("Allow of a plain star", f"{ALL}Disallow: /\nAllow: /a-%2A\n", "/a-* /a-%2A", "/a-b"),
    ("Allow of a plain dollar", f"{ALL}Disallow: /\nAllow: /a-%24\n", "/a-$ /a-%24b", "/a-"),
    ("a star is not its hex digits", f"{ALL}Disallow: /a*2\nDisallow: /a*A\n", "/a* /a%2A", "/a*2"),
    ("a dollar is not its hex digits", f"{ALL}Disallow: /a*24\n", "/a$ /a%24", "/a$24"),
    ("a star fits a star", f"{ALL}Disallow: /a*b\n", "/a", "/a*b /a%2Ab"),
    ("a query within", f"{ALL}Disallow: /a?u=https://x.y\n", "/a?u=x", "/a?u=https%3A%2F%2Fx.y"),
    ("a query encoded", f"{ALL}Disallow: /a?u=https%3A%2F%2Fx\n", "/a?u=x", "/a?u=https://x.y"),
    ("Allow of a query", f"{ALL}Disallow: /\nAllow: /a?u=b://c\n", "/a?u=b%3A%2f%2Fc", "/a?u=b"),
    ("a query beyond a star", f"{ALL}Disallow: /*u=b://c\n", "/a?u=b", "/a?u=b://c /a?u=b%3A//c"),
    ("ampersands stay", f"{ALL}Disallow: /a?b&c\n", "/a?b%26c", "/a?b&c"),
    ("a space in a rule", f"{ALL}Disallow: /a b\n", "/ab /a", "/a%20b /a%20bc"),
    ("a plus is no space", f"{ALL}Disallow: /a+b\n", "/a%20b /a%2Bb", "/a+b"),
    ("a per cent alone", f"{ALL}Disallow: /100%\n", "/100", "/100% /100%25 /100%-off"),
    ("half an octet", f"{ALL}Disallow: /%4\n", "/a", "/%4 /%4g"),
    ("braces", f"{ALL}Disallow: /{{a}}\n", "/a", "/{a} /%7Ba%7D /%7ba%7d"),
    ("a back slash", f"{ALL}Disallow: /a\\b\n", "/a/b", "/a\\b /a%5Cb"),
    ("octets weigh when encoded", f"{ALL}Disallow: /\u00fc\nAllow: /*****\n", "/a", "/%C3%BC"),
]

ADDRESSES = [
    (
        "a dot segment",
        f"{ALL}Disallow: /lamp\n",
        "/lamp/../oil",
        "/./lamp /oil/../lamp /a/b/../../lamp",
    ),
    ("an encoded dot segment", f"{ALL}Disallow: /lamp\n", "/lamp/%2e%2e/oil", "/oil/%2E%2e/lamp"),
    ("above the root", f"{ALL}Disallow: /lamp\n", "/../oil", "/../../lamp"),
    ("dots do not allow", f"{ALL}Disallow: /\nAllow: /oil\n", "/oil /x/../oil", "/oil/../lamp"),
    ("dots in a name", f"{ALL}Disallow: /lamp\n", "/..lamp /.lamp /lam..p", "/lamp.. /lamp..."),
    ("dots in a query", f"{ALL}Disallow: /a?b/../c\n", "/a?c /c", "/a?b/../c"),
    ("two slashes", f"{ALL}Disallow: //lamp\n", "/lamp", "//lamp //lamp/a"),
    ("a fragment", f"{ALL}Disallow: /lamp\n", "/#/lamp /oil#/lamp", "/lamp#wick"),
    ("a fragment and the end", f"{ALL}Disallow: /lamp$\n", "/lamp/", "/lamp#wick /lamp#"),
    (
        "the file itself",
        f"{ALL}Disallow: /\n",
        "/robots.txt /robots.txt#a",
        "/Robots.txt /a/robots.txt",
    ),
    ("the file with more", f"{ALL}Disallow: /\n", "/robots.txt", "/robots.txt?a /robots.txts"),
    ("the file by name", f"{ALL}Disallow: /robots.txt\n", "/robots.txt /a", "/robots.txt.gz"),
]

TABLES = {
    "lines": LINES,
    "slips": SLIPS,
    "names": NAMES,
    "groups": GROUPS,
    "precedence": PRECEDENCE,
    "stars": STARS,
    "spellings": SPELLINGS,
    "addresses": ADDRESSES,
}
CASES = [
    (f"{table}: {about}: {path}", text, path, expected)
    for table, rows in TABLES.items()
    for about, text, allowed, forbidden in rows
    for paths, expected in ((allowed, True), (forbidden, False))
    for path in paths.split()
]
