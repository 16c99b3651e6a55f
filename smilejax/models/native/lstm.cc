// LSTM over whole sequences, values and gradients, as calls that XLA's CPU programs make. Built by pip where there is a
// compiler with vector types (GCC, Clang); without it smilejax runs the Flax module that this is tested to equal.
//
// Gates are in the order input, forget, cell, output. At a step that is not valid the state is handed on and the output is 0.
//
// Nothing is read or written before every shape has been checked, and no C++ exception leaves a handler: both end as an
// `ffi::Error`, which JAX raises.

#include <Python.h>

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <limits>
#include <string>
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

// On x86-64 the widest vectors are chosen when the program runs. Elsewhere `plain` is compiled for the machine: on 64-bit ARM its
// vectors of 4 are NEON's.
#if defined(__x86_64__) && defined(__clang__)
#define CHOICE 1
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
namespace avx2 {
#define LANES 8
#include "lstm_lanes.inc"
#undef LANES
}  // namespace avx2
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
namespace avx512 {
#define LANES 16
#include "lstm_lanes.inc"
#undef LANES
}  // namespace avx512
#pragma clang attribute pop
#elif defined(__x86_64__) && defined(__GNUC__)
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
using Dimensions = ffi::Span<const int64_t>;

static const int KEPT = 6;  // numbers kept of each unit and step for the way back: four gates, cell and hidden state

// The sizes that x and w_hh say; the leading axes of x [.., B, T, C] are models. Every other shape is held against them.
class Shapes {
 public:
  Shapes(Dimensions x, Dimensions w_hh) : lead_(x.size() > 3 ? x.size() - 3 : 0) {
    if (x.size() < 3 || w_hh.size() != lead_ + 2) {
      wrong_ = "x must have axes [.., B, T, C] and w_hh [.., H, 4 H]; they have " + words(x) + " and " + words(w_hh);
      return;
    }
    leading_ = x;
    sizes.models = 1;
    for (size_t i = 0; i < lead_; ++i) sizes.models *= x[i];
    const int64_t hidden = w_hh[lead_];
    for (const int64_t size : {x[lead_ + 1], x[lead_ + 2], hidden})
      if (size > std::numeric_limits<int>::max() / (KEPT * 16)) wrong_ = "x or w_hh is too large: " + words(x) + ", " + words(w_hh);
    sizes.batch = x[lead_];
    sizes.steps = static_cast<int>(x[lead_ + 1]);
    sizes.channels = static_cast<int>(x[lead_ + 2]);
    sizes.hidden = static_cast<int>(hidden);
    holds("w_hh", w_hh, {hidden, 4 * hidden});
  }

  // Whether an array has the leading axes of x, and these after them.
  void holds(const char* name, Dimensions found, std::initializer_list<int64_t> after) {
    if (!wrong_.empty()) return;
    bool same = found.size() == lead_ + after.size();
    for (size_t i = 0; same && i < lead_; ++i) same = found[i] == leading_[i];
    size_t at = lead_;
    for (const int64_t size : after) same = same && found[at++] == size;
    if (same) return;
    std::string wanted;
    for (const int64_t size : after) wanted += (wanted.empty() ? "" : ", ") + std::to_string(size);
    wrong_ = std::string(name) + " must be shaped [.., " + wanted + "] to fit x " + words(leading_) + " and " +
             std::to_string(sizes.hidden) + " hidden units; it is " + words(found);
  }

  void hold_inputs(const Bool& valid, const F32& w_ih) {
    holds("valid", valid.dimensions(), {sizes.batch, sizes.steps});
    holds("w_ih", w_ih.dimensions(), {sizes.channels, 4L * sizes.hidden});
  }

  // Floats of `kept` for a sequence and step: whole vectors of this machine's.
  int64_t kept() const { return KEPT * ((sizes.hidden + lanes() - 1L) / lanes() * lanes()); }

  // Success, or what is wrong; then nothing may be read.
  ffi::Error error() const {
    return wrong_.empty() ? ffi::Error::Success() : ffi::Error::InvalidArgument("smilejax's LSTM kernel: " + wrong_);
  }

  Sizes sizes{};

 private:
  static std::string words(Dimensions dimensions) {
    std::string text;
    for (const int64_t size : dimensions) text += (text.empty() ? "" : ", ") + std::to_string(size);
    return "[" + text + "]";
  }

  size_t lead_;
  Dimensions leading_;
  std::string wrong_;
};

// Runs a handler's work; what it throws (there is no memory for the scratch) becomes an error.
template <typename Work>
static ffi::Error guarded(Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return ffi::Error(ffi::ErrorCode::kResourceExhausted, std::string("smilejax's LSTM kernel: ") + error.what());
  } catch (...) {
    return ffi::Error::Internal("smilejax's LSTM kernel: an unknown exception");
  }
}

#ifdef CHOICE
#define CALL(function, ...)                                  \
  (lanes() == 16  ? avx512::function(__VA_ARGS__)            \
   : lanes() == 8 ? avx2::function(__VA_ARGS__)              \
                  : plain::function(__VA_ARGS__))
#else
#define CALL(function, ...) plain::function(__VA_ARGS__)
#endif

static ffi::Error run_either(F32 x, Bool valid, F32 w_ih, F32 w_hh, F32 b_ih, F32 b_hh, Out out, Out* kept) {
  return guarded([&]() -> ffi::Error {
    Shapes shapes(x.dimensions(), w_hh.dimensions());
    const Sizes& z = shapes.sizes;
    shapes.hold_inputs(valid, w_ih);
    shapes.holds("b_ih", b_ih.dimensions(), {4L * z.hidden});
    shapes.holds("b_hh", b_hh.dimensions(), {4L * z.hidden});
    shapes.holds("out", out->dimensions(), {z.batch, z.steps, z.hidden});
    if (kept) shapes.holds("kept", (*kept)->dimensions(), {z.batch, z.steps, shapes.kept()});
    if (ffi::Error error = shapes.error(); error.failure()) return error;
    CALL(run_forwards, z, x.typed_data(), valid.typed_data(), w_ih.typed_data(), w_hh.typed_data(), b_ih.typed_data(),
         b_hh.typed_data(), out->typed_data(), kept ? (*kept)->typed_data() : nullptr);
    return ffi::Error::Success();
  });
}

static ffi::Error infer(F32 x, Bool valid, F32 w_ih, F32 w_hh, F32 b_ih, F32 b_hh, Out out) {
  return run_either(x, valid, w_ih, w_hh, b_ih, b_hh, out, nullptr);
}

static ffi::Error forward(F32 x, Bool valid, F32 w_ih, F32 w_hh, F32 b_ih, F32 b_hh, Out out, Out kept) {
  return run_either(x, valid, w_ih, w_hh, b_ih, b_hh, out, &kept);
}

static ffi::Error backward(F32 x, Bool valid, F32 w_ih, F32 w_hh, F32 kept, F32 dout, Out dw_ih, Out dw_hh, Out db,
                           Out dx) {
  return guarded([&]() -> ffi::Error {
    Shapes shapes(x.dimensions(), w_hh.dimensions());
    const Sizes& z = shapes.sizes;
    shapes.hold_inputs(valid, w_ih);
    shapes.holds("kept", kept.dimensions(), {z.batch, z.steps, shapes.kept()});
    shapes.holds("dout", dout.dimensions(), {z.batch, z.steps, z.hidden});
    shapes.holds("dw_ih", dw_ih->dimensions(), {z.channels, 4L * z.hidden});
    shapes.holds("dw_hh", dw_hh->dimensions(), {z.hidden, 4L * z.hidden});
    shapes.holds("db", db->dimensions(), {4L * z.hidden});
    shapes.holds("dx", dx->dimensions(), {z.batch, z.steps, z.channels});
    if (ffi::Error error = shapes.error(); error.failure()) return error;
    CALL(run_backwards, z, x.typed_data(), valid.typed_data(), w_ih.typed_data(), w_hh.typed_data(), kept.typed_data(),
         dout.typed_data(), dw_ih->typed_data(), dw_hh->typed_data(), db->typed_data(), dx->typed_data());
    return ffi::Error::Success();
  });
}

XLA_FFI_DEFINE_HANDLER_SYMBOL(smilejax_lstm_infer, infer,
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
      add(module, "infer", reinterpret_cast<void*>(smilejax_lstm_infer)) < 0 ||
      add(module, "forward", reinterpret_cast<void*>(smilejax_lstm_forward)) < 0 ||
      add(module, "backward", reinterpret_cast<void*>(smilejax_lstm_backward)) < 0) {
    Py_DECREF(module);
    return nullptr;
  }
  return module;
}
