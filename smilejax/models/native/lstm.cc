// LSTM over whole sequences, values and gradients, as calls that XLA's CPU programs make. Built by pip where there is a
// compiler with vector types (GCC, Clang); without it smilejax runs the Flax module that this is tested to equal.
//
// Gates are in the order input, forget, cell, output. At a step that is not valid the state is handed on and the output is 0.

#include <Python.h>

#include <cstdint>
#include <vector>

#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

struct Sizes {
  long models, batch;
  int steps, channels, hidden;
};

namespace plain {
#define LANES 4
#include "lstm_lanes.inc"
#undef LANES
}  // namespace plain

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define CHOICE 1
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
#define LANES 8
#include "lstm_lanes.inc"
#undef LANES
}  // namespace avx2
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")
namespace avx512 {
#define LANES 16
#include "lstm_lanes.inc"
#undef LANES
}  // namespace avx512
#pragma GCC pop_options
#endif

static int lanes() {
#ifdef CHOICE
  static const int found = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
                               ? 16
                           : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 8
                                                                                             : 4;
  return found;
#else
  return 4;
#endif
}

using F32 = ffi::Buffer<ffi::F32>;
using Bool = ffi::Buffer<ffi::PRED>;
using Out = ffi::Result<F32>;

// Leading axes of x [.., B, T, C] are models.
static Sizes sizes_of(const F32& x, const F32& w_hh) {
  const auto d = x.dimensions();
  const auto n = d.size();
  Sizes z;
  z.models = 1;
  for (size_t i = 0; i + 3 < n; ++i) z.models *= d[i];
  z.batch = d[n - 3];
  z.steps = static_cast<int>(d[n - 2]);
  z.channels = static_cast<int>(d[n - 1]);
  z.hidden = static_cast<int>(w_hh.dimensions()[w_hh.dimensions().size() - 2]);
  return z;
}

#ifdef CHOICE
#define CALL(function, ...)                                  \
  (lanes() == 16  ? avx512::function(__VA_ARGS__)            \
   : lanes() == 8 ? avx2::function(__VA_ARGS__)              \
                  : plain::function(__VA_ARGS__))
#else
#define CALL(function, ...) plain::function(__VA_ARGS__)
#endif

static ffi::Error answer(F32 x, Bool valid, F32 w_ih, F32 w_hh, F32 b_ih, F32 b_hh, Out out) {
  CALL(run_forwards, sizes_of(x, w_hh), x.typed_data(), valid.typed_data(), w_ih.typed_data(), w_hh.typed_data(),
       b_ih.typed_data(), b_hh.typed_data(), out->typed_data(), nullptr);
  return ffi::Error::Success();
}

static ffi::Error forward(F32 x, Bool valid, F32 w_ih, F32 w_hh, F32 b_ih, F32 b_hh, Out out, Out kept) {
  CALL(run_forwards, sizes_of(x, w_hh), x.typed_data(), valid.typed_data(), w_ih.typed_data(), w_hh.typed_data(),
       b_ih.typed_data(), b_hh.typed_data(), out->typed_data(), kept->typed_data());
  return ffi::Error::Success();
}

static ffi::Error backward(F32 x, Bool valid, F32 w_ih, F32 w_hh, F32 kept, F32 dout, Out dw_ih, Out dw_hh, Out db,
                           Out dx) {
  CALL(run_backwards, sizes_of(x, w_hh), x.typed_data(), valid.typed_data(), w_ih.typed_data(), w_hh.typed_data(),
       kept.typed_data(), dout.typed_data(), dw_ih->typed_data(), dw_hh->typed_data(), db->typed_data(), dx->typed_data());
  return ffi::Error::Success();
}

XLA_FFI_DEFINE_HANDLER_SYMBOL(smilejax_lstm_answer, answer,
                              ffi::Ffi::Bind().Arg<F32>().Arg<Bool>().Arg<F32>().Arg<F32>().Arg<F32>().Arg<F32>().Ret<F32>());
XLA_FFI_DEFINE_HANDLER_SYMBOL(
    smilejax_lstm_forward, forward,
    ffi::Ffi::Bind().Arg<F32>().Arg<Bool>().Arg<F32>().Arg<F32>().Arg<F32>().Arg<F32>().Ret<F32>().Ret<F32>());
XLA_FFI_DEFINE_HANDLER_SYMBOL(smilejax_lstm_backward, backward,
                              ffi::Ffi::Bind()
                                  .Arg<F32>()
                                  .Arg<Bool>()
                                  .Arg<F32>()
                                  .Arg<F32>()
                                  .Arg<F32>()
                                  .Arg<F32>()
                                  .Ret<F32>()
                                  .Ret<F32>()
                                  .Ret<F32>()
                                  .Ret<F32>());

static int add(PyObject* module, const char* name, void* handler) {
  PyObject* capsule = PyCapsule_New(handler, "xla._CUSTOM_CALL_TARGET", nullptr);
  return capsule ? PyModule_AddObject(module, name, capsule) : -1;
}

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_lstm", "LSTM over whole sequences, for XLA's CPU programs.", -1};

PyMODINIT_FUNC PyInit__lstm(void) {
  PyObject* module = PyModule_Create(&definition);
  if (!module) return nullptr;
  if (PyModule_AddIntConstant(module, "lanes", lanes()) < 0 ||
      add(module, "answer", reinterpret_cast<void*>(smilejax_lstm_answer)) < 0 ||
      add(module, "forward", reinterpret_cast<void*>(smilejax_lstm_forward)) < 0 ||
      add(module, "backward", reinterpret_cast<void*>(smilejax_lstm_backward)) < 0) {
    Py_DECREF(module);
    return nullptr;
  }
  return module;
}
