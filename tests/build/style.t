#!/bin/sh
# tools/check-style catches what is against the house's style.
. tests/build/lib.sh

check=tools/check-style
mkdir -p "$tmp/tree/firmware/mls" "$tmp/tree/tests" "$tmp/tree/tools"
cp .clang-format "$tmp/tree/"
file=$tmp/tree/firmware/mls/a.c
list=$tmp/tree/tools/style-exceptions

# lines COUNT: that many statements
lines() {
	i=0
	while [ "$i" -lt "$1" ]; do
		printf '\tcount++;\n'
		i=$((i + 1))
	done
}

# a_function LINES: a file with one function of that length
a_function() {
	{
		printf 'int count_up(int count)\n{\n'
		lines $(($1 - 1))
		printf '\treturn count;\n}\n'
	} >"$file"
}

# a_line CODE: a file with that line
a_line() {
	printf '%s\n' "$1" >"$file"
}

checked() {
	$check --top "$tmp/tree"
}

: >"$list"
a_function 60
passes "a function of 60 lines passes" checked
a_function 61
passes "a function of 61 lines does not" \
	refuses 'function firmware/mls/a.c count_up: 61 lines' checked
echo 'function firmware/mls/a.c count_up 61' >"$list"
passes "an exception allows it" checked
a_function 62
passes "and not one line more" refuses '62 lines, allowed 61' checked
echo 'function firmware/mls/a.c count_up 70' >"$list"
passes "an exception may not allow more than there is" \
	refuses 'may be lowered to 62' checked
a_function 20
passes "an exception that is not needed fails" \
	refuses 'not needed any more' checked
echo 'function firmware/mls/gone.c count_up 70' >"$list"
passes "an exception for what is gone fails" refuses 'not there' checked
: >"$list"

yes '/* a line */' | head -n 600 >"$file"
passes "a file of 600 lines passes" checked
yes '/* a line */' | head -n 601 >"$file"
passes "a file of 601 lines does not" refuses '601 lines, limit 600' checked

a_line 'int x  =  1;'
passes "another format is caught" refuses "not in the house's format" checked
a_line "/* $(printf '%075d' 0) */"
passes "81 columns are caught" refuses '81 columns' checked
a_line 'typedef struct { int x; } thing;'
passes "a typedef of a struct is caught" refuses 'without typedef' checked
for name in strcpy sprintf strtok atoi alloca rand system malloc free; do
	a_line "int x = $name(y);"
	passes "$name() is caught" refuses "$name():" checked
done
a_line '/* Do not call strcpy() or free(). */'
passes "a comment may name them" checked
a_line 'const char *x = "strcpy(a, b)";'
passes "a string may name them" checked
a_line 'int x = ops->free(y);'
passes "a member of that name may be called" checked
finish
