// A stand-in for the audio library of the same name. Ollama carries that library in
// a folder called vendor, and what is in such folders is left out of the files that
// the Go module proxy serves. Ollama uses it to read sound into models that hear;
// the model here does not, so that every call may fail.
#pragma once
#include <cstddef>
#include <cstdint>

typedef uint64_t ma_uint64;
typedef int ma_result;
enum { MA_SUCCESS = 0, MA_NOT_IMPLEMENTED = -29 };
enum ma_format { ma_format_f32 = 5 };
struct ma_decoder_config {};
struct ma_decoder {};

static inline ma_decoder_config ma_decoder_config_init(ma_format, uint32_t, uint32_t) { return {}; }

static inline ma_result ma_decoder_init_memory(const void *, size_t, const ma_decoder_config *, ma_decoder *) {
    return MA_NOT_IMPLEMENTED;
}

static inline ma_result ma_decoder_get_length_in_pcm_frames(ma_decoder *, ma_uint64 *) { return MA_NOT_IMPLEMENTED; }

static inline ma_result ma_decoder_read_pcm_frames(ma_decoder *, void *, ma_uint64, ma_uint64 *) { return MA_NOT_IMPLEMENTED; }

static inline ma_result ma_decoder_uninit(ma_decoder *) { return MA_NOT_IMPLEMENTED; }
