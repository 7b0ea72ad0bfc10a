# siblings.c is for programs that have a member's end.
test-pipelines-member-libs := call sframe crypto
test-pipelines-member-pkgs := libsystemd
