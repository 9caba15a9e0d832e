//go:build cgo && !nocamera

package dlib

// #cgo linux LDFLAGS: -ldl
// #define _GNU_SOURCE
// #include <dlfcn.h>
//
// // oneThread tells OpenBLAS, if it is the BLAS that dlib runs on, to use one thread.
// static void oneThread(void) {
// 	void (*set)(int) = (void (*)(int)) dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
// 	if (set) set(1);
// }
import "C"

// useOneThread keeps the network to one core. The matrices of a single face are
// small: OpenBLAS spreads them over all cores and lets its threads spin until the
// slowest is done, which on a PC that also draws a preview takes longer than
// the work itself.
func useOneThread() { C.oneThread() }
