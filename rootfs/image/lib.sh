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

# arch_of BOARD: sets what a board's processor decides.  Source of the names: UEFI
# 2.10, 3.5.1.1 (removable media), of the root's type: the Discoverable Partitions
# Specification.  The ESP holds three kernel images, and a fourth
# while one is replaced; Debian's for aarch64 are not compressed.
arch_of() {
	arch=x86_64
	[ ! -e "board/$1/arch" ] || arch=$(words "board/$1/arch")
	case $arch in
	x86_64)
		triplet=x86_64-linux-gnu
		loader=usr/lib64/ld-linux-x86-64.so.2
		efi=BOOTX64.EFI
		esp_mib=128
		root_type=4f68bce3-e8cd-4db1-96e7-fbcaf984b709
		;;
	aarch64)
		triplet=aarch64-linux-gnu
		loader=usr/lib/ld-linux-aarch64.so.1
		efi=BOOTAA64.EFI
		esp_mib=256
		root_type=b921b045-1df0-41c3-af44-4c6f280d3fae
		;;
	*) die "board/$1/arch: there is no $arch, only x86_64 and aarch64" ;;
	esac
}

# lists NAME: the list of every image, and the board's where it has one.
lists() {
	echo "rootfs/image/$1"
	[ ! -e "board/$board/$1" ] || echo "board/$board/$1"
}

# absent: the modules that the kernel of this $arch has not, a line each.
absent() {
	[ ! -e "rootfs/image/$arch.absent.list" ] ||
		words "rootfs/image/$arch.absent.list"
	echo -
}

# module_files RUNTIME VERSION LIST...: the modules of the lists and those that
# they need, each after what it needs.
module_files() {
	runtime=$1
	version=$2
	shift 2
	for module in $(words "$@" | grep -v -x -F -e "$(absent)"); do
		modprobe -d "$runtime" -S "$version" --show-depends "$module" ||
			die "the kernel has no module $module"
	done | sed -n 's,^insmod \([^ ]*\).*,\1,p' | awk '!seen[$0]++'
}

# strip_program BUILD NAME OUT: a program as an image has it.  One of another
# processor was stripped where it was made.
strip_program() {
	if [ -e "$1/stripped/$2" ]; then
		cp "$1/stripped/$2" "$3"
	else
		strip -o "$3" "$1/bin/$2"
	fi
}

# uki_build RUNTIME OPTION...: ukify, with what starts the kernel.  A processor that is
# not this machine's has it in its own Debian.
uki_build() {
	runtime=$1
	shift
	stub=$runtime/usr/lib/systemd/boot/efi/linuxaa64.efi.stub
	[ "$arch" != aarch64 ] || [ ! -e "$stub" ] ||
		set -- "--stub=$stub" --efi-arch=aa64 "$@"
	ukify build --linux="$runtime/boot/vmlinuz-$(kernel_version "$runtime")" \
		--uname="$(kernel_version "$runtime")" "$@"
}

# kernel_version RUNTIME
kernel_version() {
	basename "$(echo "$1"/usr/lib/modules/*)"
}
