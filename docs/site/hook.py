"""Makes the documentation site from the files as they lie in the repository.

README.md is the first page; CHANGELOG.md, CONTRIBUTING.md, LICENSE and SECURITY.md are pages as well. Links between all
of these are rewritten to where the pages are on the site. A link to any other file of the repository is shown as text: the
site has no sources.
"""

import pathlib
import posixpath
import re

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# File of the repository -> page of the site.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "LICENSE": "license.md",
    "SECURITY.md": "reporting.md",
}
SOURCES = {page: source for source, page in PAGES.items()}
FENCE = re.compile(r"(^```[\s\S]*?^```)", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config):
    """The decisions stand in the navigation in the order of their numbers."""
    decisions = sorted(file.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs/adr").glob("0*.md"))
    for section in config.nav:
        if "Decisions" in section:
            section["Decisions"] = ["adr/README.md", *decisions]
    return config


def on_files(files, config):
    """Adds the pages whose files are not in docs/."""
    for source, page in PAGES.items():
        content = (ROOT / source).read_text(encoding="utf-8")
        if not source.endswith(".md"):
            content = f"# Licence\n\n```text\n{content}```\n"
        files.append(File.generated(config, page, content=content))
    return files


def on_page_markdown(markdown, page, config, files):
    """Rewrites the relative links of a page, outside blocks of code."""
    here = page.file.src_uri
    source = SOURCES.get(here, f"docs/{here}")

    def rewrite(link):
        text, target, anchor = link[1], link[2], link[3] or ""
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            return link[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        target = PAGES.get(target, target.removeprefix("docs/") if target.startswith("docs/") else None)
        if target is None or (files.get_file_from_path(target) is None):
            return text
        return f"[{text}]({posixpath.relpath(target, posixpath.dirname(here) or '.')}{anchor})"

    parts = FENCE.split(markdown)
    return "".join(part if part.startswith("```") else LINK.sub(rewrite, part) for part in parts)
