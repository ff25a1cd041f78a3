// Waiting, in a way that can be cut short.

/** Resolves after so many milliseconds; rejects with the signal's reason as soon as that is aborted. */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    function stop() {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Milliseconds before the next try: doubled from one to the next, up to `most`, unless the server said when. */
export function delayBefore(attempt, retryAfter = null, { first = 500, most = 15000 } = {}) {
  if (retryAfter !== null) return retryAfter * 1000
  return Math.min(most, first * 2 ** (attempt - 1))
}
