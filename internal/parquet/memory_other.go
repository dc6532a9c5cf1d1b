//go:build !linux

package parquet

// boundMemory does nothing where the system cannot bound the memory of a process; the engine's own limit holds.
func boundMemory(uint64) {}
