package libsched
func work(task, slot uintptr) int32 {return 0}
func finalize(task uintptr, r int32, slot uintptr) {}
func runJob(task, slot uintptr) int32 {return 0}
func handleMessage(task, slot uintptr) int32 {return 0}
