module libsched

go 1.19
