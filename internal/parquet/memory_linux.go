package parquet

import "syscall"

// boundMemory bounds what this process can take, so that a file that makes it ask for more ends it and nothing else.
func boundMemory(bytes uint64) {
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes})
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // a crash that was expected leaves nothing behind
}
