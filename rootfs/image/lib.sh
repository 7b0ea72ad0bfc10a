# lib.sh - what the image's scripts share.  Sourced.
# shellcheck shell=sh
export LC_ALL=C TZ=UTC
umask 022

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# words FILE...: the words of lists, without comments.
words() {
	cat -- "$@" | sed -e 's/#.*//' | tr -s ' \t\n' '\n\n\n' | sed '/^$/d'
}

# lists NAME: the list of every image, and the board's where it has one.
lists() {
	echo "rootfs/image/$1"
	[ ! -e "board/$board/$1" ] || echo "board/$board/$1"
}

# module_files RUNTIME VERSION LIST...: the modules of the lists and those that
# they need, each after what it needs.
module_files() {
	runtime=$1
	version=$2
	shift 2
	for module in $(words "$@"); do
		modprobe -d "$runtime" -S "$version" --show-depends "$module" ||
			die "the kernel has no module $module"
	done | sed -n 's,^insmod \([^ ]*\).*,\1,p' | awk '!seen[$0]++'
}

# kernel_version RUNTIME
kernel_version() {
	basename "$(echo "$1"/usr/lib/modules/*)"
}
