"""debian - what a Debian below a folder says about its packages."""

import fnmatch
import os
import re
import sys

# The short names of Debian's machine-readable copyright files that are licences of
# SPDX's list, as this has them.  The others are told by Debian's name.
SPDX = {
    "0BSD": "0BSD", "Apache-2": "Apache-2.0", "Apache-2.0": "Apache-2.0",
    "BSD-2-clause": "BSD-2-Clause", "BSD-2-Clause": "BSD-2-Clause",
    "BSD-3-clause": "BSD-3-Clause", "BSD-3-Clause": "BSD-3-Clause",
    "BSL-1.0": "BSL-1.0", "CC0": "CC0-1.0", "CC0-1.0": "CC0-1.0",
    "Expat": "MIT", "MIT": "MIT", "ISC": "ISC", "Zlib": "Zlib",
    "zlib": "Zlib", "MPL-1.1": "MPL-1.1", "MPL-2.0": "MPL-2.0",
    "OFL-1.1": "OFL-1.1", "GPL-1+": "GPL-1.0-or-later",
    "GPL-2": "GPL-2.0-only", "GPL-2+": "GPL-2.0-or-later",
    "GPL-3": "GPL-3.0-only", "GPL-3+": "GPL-3.0-or-later",
    "LGPL-2": "LGPL-2.0-only", "LGPL-2+": "LGPL-2.0-or-later",
    "LGPL-2.0+": "LGPL-2.0-or-later", "LGPL-2.1": "LGPL-2.1-only",
    "LGPL-2.1+": "LGPL-2.1-or-later", "LGPL-3": "LGPL-3.0-only",
    "LGPL-3+": "LGPL-3.0-or-later", "GFDL-1.3": "GFDL-1.3-only",
    "EUPL-1.2": "EUPL-1.2",
}
COMMON = re.compile(r"/usr/share/common-licenses/([A-Za-z0-9.+-]*[A-Za-z0-9+])")


def die(text):
    """Ends the program with a word why."""
    sys.exit(f"{os.path.basename(sys.argv[0])}: {text}")


def stanzas(text):
    """The paragraphs of a control file, as dictionaries."""
    for block in re.split(r"\n\s*\n", text):
        fields, name = {}, None
        for line in block.splitlines():
            if line[:1] in (" ", "\t"):
                if name:
                    fields[name] += "\n" + line
            elif ":" in line:
                name, value = line.split(":", 1)
                fields[name] = value.strip()
        if fields:
            yield fields


def read(path):
    """A text, whatever its bytes are."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def is_same(one, other):
    """Whether two paths are links to the same, or files with the same bytes."""
    if os.path.islink(one) or os.path.islink(other):
        return os.path.islink(one) and os.path.islink(other) and \
            os.readlink(one) == os.readlink(other)
    if not (os.path.isfile(one) and os.path.isfile(other)) or \
            os.path.getsize(one) != os.path.getsize(other):
        return False
    with open(one, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()


class Package:
    """A package as dpkg's status has it."""

    def __init__(self, fields):
        self.name = fields["Package"]
        self.arch = fields["Architecture"]
        self.version = fields["Version"]
        source = fields.get("Source", self.name).split()
        self.source = source[0]
        self.source_version = source[1].strip("()") if len(source) > 1 \
            else self.version
        needs = ", ".join((fields.get("Depends", ""),
                           fields.get("Pre-Depends", "")))
        self.needs = set(re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9.+-]+)",
                                    needs))

    @property
    def line(self):
        """As a manifest has it."""
        return f"{self.name}:{self.arch} {self.version}"


class Debian:
    """A Debian in a folder: packages by name, and who has which file."""

    def __init__(self, root, made=None):
        self.root = root
        self.packages = {}
        self.owners = {}
        self.made = []
        for fields in stanzas(read(f"{root}/var/lib/dpkg/status")):
            if fields.get("Status", "").endswith(" installed"):
                package = Package(fields)
                self.packages[package.name] = package
                self._own(package)
        if made:
            lines = (line.split("#")[0].split() for line in
                     read(made).splitlines())
            self.made = [words for words in lines if words]

    def _own(self, package):
        info = f"{self.root}/var/lib/dpkg/info/{package.name}"
        for path in (f"{info}.list", f"{info}:{package.arch}.list"):
            if os.path.exists(path):
                for line in read(path).splitlines():
                    self.owners.setdefault(self.merged(line[1:]), package)

    def merged(self, path):
        """Where a path is since /bin and the like are links into /usr."""
        top, _, rest = path.partition("/")
        if rest and os.path.islink(f"{self.root}/{top}"):
            return f"{os.readlink(f'{self.root}/{top}').strip('/')}/{rest}"
        return path

    def owner(self, path):
        """The package that has a file, or whose scripts made it; or None."""
        return self.owners.get(path) or \
            self.packages.get(self.maker(path))

    def maker(self, path):
        """What made.list says of a path; - is the image's making."""
        for pattern, name in self.made:
            if fnmatch.fnmatchcase(path, pattern):
                return name
        return None

    def notice(self, package):
        """A package's copyright file."""
        path = f"{self.root}/usr/share/doc/{package.name}/copyright"
        if not os.path.exists(path):
            die(f"{package.name} has no copyright file in {self.root}")
        return read(path)


def licences(notice):
    """The names in a copyright file: those of its format, or the common licences
    that its prose points to."""
    names = set()
    if re.match(r"\s*Format(-Specification)?:", notice):
        for fields in stanzas(notice):
            first = fields.get("License", "").splitlines()
            if first and first[0].strip():
                names.add(re.sub(r"\s+", " ", first[0].strip()))
    if not names:
        names = set(common(notice))
    return sorted(names)


def common(notice):
    """The files of common-licenses that a text points to."""
    return sorted(set(COMMON.findall(notice)))
