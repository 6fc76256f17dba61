"""What a site prints around the content of every page: head, menus, side column, footer, scripts.

The parts and their sizes are argued in docs/bench.md. Nothing here is copied from a real site.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from random import Random

from bench.prose import paragraph, short_name

ORIGIN = "https://www.codingahead.com"
_ICONS = {
    "chevron": '<path d="M6 9l6 6 6-6" stroke-linecap="round" stroke-linejoin="round"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V7a4 4 0 0 1 8 0v4"/>',
    "search": '<circle cx="11" cy="11" r="7"/><path d="M20 20l-4.2-4.2" stroke-linecap="round"/>',
    "bolt": '<path d="M13 2L4 14h7l-1 8 9-12h-7l1-8z" stroke-linejoin="round"/>',
    "mark": '<path d="M4 4h16v12H7l-3 4V4z"/><path d="M8 9h8M8 12h5" stroke-linecap="round"/>',
}
_MENUS = {
    "Code Books": ("Surgery", "Radiology", "Laboratory", "Medicine", "Supplies", "Vaccines"),
    "Tools": ("Fee Calculator", "Unit Counter", "Edit Checker", "Modifier Wizard", "Date Finder"),
    "Guides": ("Claims", "Appeals", "Audits", "Telehealth", "Global Periods", "New This Year"),
    "Learn": ("Courses", "Quizzes", "Webinars", "Flash Cards", "Exam Notes", "Glossary"),
    "Company": ("About", "Editors", "Press", "Contact", "Partners"),
}
_BANNER = (
    "0 code page views remaining. Guest accounts are limited to 1 page view. "
    "Register free account to get 5 more views."
)
_TOPICS = ("CPT Codes", "Guidelines", "Modifiers", "Crosswalks", "NCCI Edits", "Compliance")
_ASK_ABOUT = "".join(
    f'<span class="chip chip--soft">{topic}</span> ' for topic in (*_TOPICS, "Medicare Coverage")
)


def icon(name: str, classes: str = "icon") -> str:
    """Return an inline icon, as component libraries print them."""
    return (
        f'<svg class="{classes}" xmlns="http://www.w3.org/2000/svg" width="20" height="20" '
        f'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" '
        f'aria-hidden="true">{_ICONS[name]}</svg>'
    )


def head(code: str, title: str, summary: str) -> str:
    """Return the head: meta, links, critical style, linked data, a tag loader."""
    url = f"{ORIGIN}/cpt/codes/{code}"
    metas = (
        *(("name", "description", summary), ("name", "robots", "index,follow")),
        *(("name", "theme-color", "#143d59"), ("name", "author", "The workshop")),
        *(("property", "og:type", "article"), ("property", "og:title", title)),
        *(("property", "og:description", summary), ("property", "og:url", url)),
        *(("property", "og:image", f"{ORIGIN}/cards/{code}.png"), ("property", "og:locale", "en")),
        *(("name", "twitter:card", "summary_large_image"), ("name", "twitter:title", title)),
        *(("name", "twitter:description", summary), ("name", "format-detection", "telephone=no")),
    )
    return (
        '<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n"
        + "".join(f'<meta {key}="{name}" content="{value}">\n' for key, name, value in metas)
        + f'<link rel="canonical" href="{url}">\n{_LINKS}<style>{_STYLE}</style>\n'
        + f'<script type="application/ld+json">{_linked_data(url, title, summary)}</script>\n'
        + f"<script>{_LOADER}</script>\n</head>\n"
    )


def top(code: str, *, is_crowded: bool) -> str:
    """Return what stands above the content: bar and meter; menus and breadcrumb if crowded."""
    menu, crumbs = (_MENU, _breadcrumb(code)) if is_crowded else ("", "")
    return (
        f'{_NO_SCRIPT}<header class="site-header" role="banner">\n<div class="container bar">\n'
        '<a class="brand" href="/" aria-label="Home"><span class="brand__name">Coding Ahead</span>'
        f'</a>\n<nav class="main-nav" aria-label="Main">\n<ul class="menu">\n{_PRODUCTS}{menu}'
        '</ul>\n</nav>\n<form class="search" action="/search" role="search"><input type="search" '
        f'name="q" placeholder="Search codes"><button type="submit">{icon("search")}</button>'
        '</form>\n<div class="account"><a class="btn btn--ghost" href="/login">Log in</a> '
        '<a class="btn btn--solid" href="/register">Register free account</a></div>\n'
        f'</div>\n</header>\n<div class="notice notice--meter" role="status">{_BANNER}</div>\n'
        f"{crumbs}"
    )


def _breadcrumb(code: str) -> str:
    return (
        '<nav class="breadcrumb" aria-label="Breadcrumb"><ol>\n<li><a href="/">Home</a></li>\n'
        f'<li><a href="/cpt">CPT Code Book</a></li>\n<li aria-current="page">{code}</li>\n'
        f'</ol></nav>\n<h1 class="title">CPT® Code {code}</h1>\n'
    )


def side_column(rng: Random) -> str:
    """Return the column of links beside the content."""
    codes = [(f"{rng.randrange(100_000):05d}", short_name(rng)) for _ in range(12)]
    links = "".join(
        f'<li class="list__item"><a class="list__link" href="/cpt/codes/{code}">'
        f'<span class="list__code">{code}</span> <span class="list__name">{name}</span></a></li>\n'
        for code, name in codes
    )
    return (
        '<aside class="sidebar" aria-label="More codes">\n<div class="widget">\n'
        f'<h2 class="widget__title">Popular codes</h2>\n<ul class="list">\n{links}</ul>\n</div>\n'
        f'<div class="widget widget--ad"><div class="ad" data-slot="{rng.randrange(10**9)}" '
        f'style="min-height:250px"></div></div>\n</aside>\n'
    )


def bottom(code: str, paragraphs: Iterable[str], rng: Random, *, is_crowded: bool) -> str:
    """Return promo box and the scripts of the end with the page's state; a footer if crowded."""
    footer = _FOOTER if is_crowded else ""
    state = {"page": {"code": code, "blocks": list(paragraphs)}, "session": f"{rng.random():.12f}"}
    return (
        f'<section class="pilot pilot--footer">{icon("bolt")}<h2 class="pilot__title">CasePilot'
        '</h2>\n<p class="pilot__lead">Get instant expert-level medical coding assistance.</p>\n'
        f'<p class="pilot__label">Ask about:</p>\n<p class="chips">{_ASK_ABOUT}</p>\n'
        '<p class="pilot__example">Example: "What is CPT code 99213?" or "Guidelines for E/M '
        f'services"</p>\n</section>\n{footer}{_COOKIES}'
        f'<script id="__STATE__" type="application/json">{json.dumps(state)}</script>\n'
        f"<script>{_LOADER}</script>\n{_DEFERRED}</body>\n</html>\n"
    )


def _linked_data(url: str, title: str, summary: str) -> str:
    crumbs = [
        {"@type": "ListItem", "position": n, "name": name, "item": f"{ORIGIN}/{name.lower()}"}
        for n, name in enumerate(("Home", "CPT", "Codes"), 1)
    ]
    page = {"@type": "WebPage", "@id": url, "url": url, "name": title, "description": summary}
    publisher = {"@type": "Organization", "name": "Coding Ahead", "logo": f"{ORIGIN}/logo.png"}
    graph = [page, {"@type": "BreadcrumbList", "itemListElement": crumbs}, publisher]
    return json.dumps({"@context": "https://schema.org", "@graph": graph})


def _menu_entry(title: str, items: Iterable[str], depth: str) -> str:
    links = "".join(
        f'<li class="menu__item menu__item--{depth}"><a class="menu__link" '
        f'href="/{item.lower().replace(" ", "-")}">{item}</a></li>\n'
        for item in items
    )
    return (
        f'<li class="menu__item menu__item--parent"><button class="menu__toggle" type="button" '
        f'aria-expanded="false">{title} {icon("chevron", "icon icon--small")}</button>\n'
        f'<ul class="menu__drop" role="menu">\n{links}</ul>\n</li>\n'
    )


def _rules(rng: Random) -> str:
    """Return the critical style that site builders put inline: about 90 minified rules."""
    kinds = ("header", "menu", "card", "btn", "gate", "list", "pilot", "widget", "footer")
    states = ("", ":hover", "__title", "__body", "__item", "__link", "--small", "--wide", "::after")
    return "".join(
        f".{kind}{state}{{display:flex;margin:{rng.randint(0, 32)}px {rng.randint(0, 32)}px;"
        f"padding:.{rng.randint(1, 9)}rem;color:#{rng.randrange(16**6):06x};overflow:hidden;"
        f"border-radius:{rng.randint(0, 12)}px;transition:all .{rng.randint(1, 4)}s ease}}"
        for kind in kinds
        for state in states
    )


_STYLE = _rules(Random("style"))
_LINKS = "".join(
    f'<link rel="{rel}" href="{ORIGIN}/assets/{name}"{more}>\n'
    for rel, name, more in (
        ("preconnect", "", " crossorigin"),
        ("icon", "favicon.svg", ' type="image/svg+xml"'),
        ("apple-touch-icon", "touch.png", ""),
        ("manifest", "site.webmanifest", ""),
        ("preload", "text.woff2", ' as="font" crossorigin'),
        ("stylesheet", "main.4f1c.css", ""),
        ("stylesheet", "print.77aa.css", ' media="print"'),
    )
)
_LOADER = (
    "(function(w,d,s,l){w[l]=w[l]||[];w[l].push({start:new Date().getTime(),event:'load'});"
    "var f=d.getElementsByTagName(s)[0],j=d.createElement(s);j.async=true;j.src='/t.js?id='+l;"
    "f.parentNode.insertBefore(j,f);})(window,document,'script','layer');"
    "function track(n,p){if(window.layer){window.layer.push(Object.assign({event:n},p||{}));}}"
    "document.addEventListener('click',function(e){var t=e.target.closest('[data-track]');"
    "if(t){track(t.getAttribute('data-track'),{href:t.href||null});}});"
)
_NO_SCRIPT = (
    '<noscript><iframe src="/t.html" height="0" width="0" style="display:none;visibility:hidden">'
    "</iframe></noscript>\n"
)
_COOKIES = (
    '<div class="cookies" role="dialog" hidden><p class="cookies__text">This shop counts its '
    'visitors.</p><button class="btn btn--solid" type="button">Very well</button></div>\n'
)
_DEFERRED = "".join(
    f'<script src="{ORIGIN}/assets/{name}.js" defer></script>\n'
    for name in ("runtime.01ab", "vendor.9c2e", "page.7d40")
)
_PRODUCTS = "".join(
    f'<li class="menu__item menu__item--product"><a class="menu__link" href="/{n}">{icon("mark")}'
    f'<div class="menu__name">{name}</div><div class="menu__about">{about}</div></a></li>\n'
    for n, (name, about) in enumerate(
        (
            ("CasePilot", "Medical Coding Assistant"),
            ("CaseConsultant", "Instant Email Coding Consultant"),
            ("Case2Code", "Search and Code Lookup Tool"),
            ("CareerCenter", "Medical Coding Job Board"),
        )
    )
)
_MENU = "".join(_menu_entry(title, items, "drop") for title, items in _MENUS.items())
_COLUMNS = "".join(
    f'<div class="footer__column">\n<h3 class="footer__title">{title}</h3>\n<ul class="links">'
    + "".join(
        f'\n<li><a class="footer__link" href="/{n}">{item}</a></li>' for n, item in enumerate(i)
    )
    + "\n</ul>\n</div>\n"
    for title, i in _MENUS.items()
)
_FOOTER = (
    f'<footer class="site-footer">\n<div class="container footer">\n{_COLUMNS}</div>\n'
    f'<div class="footer__small"><p>{paragraph(Random("legal"), 3, 3)}</p>\n'
    + "".join(f'<a class="social" href="/s/{name}">{icon(name)}</a>\n' for name in _ICONS)
    + '<p class="footer__rights">© 2026 Coding Ahead. All rights reserved.</p></div>\n</footer>\n'
)
