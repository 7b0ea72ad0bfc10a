bundle-objs-y := frame.o index.o range.o seal.o tree.o url.o
bundle-libs := base crypto
bundle-pkgs :=
