http-objs-y := path.o accept.o etag.o page.o
http-libs := base
