test-pipelines-member-libs := call
test-pipelines-member-pkgs := libsystemd
