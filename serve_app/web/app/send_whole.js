// Sends a document in one request. By XMLHttpRequest, which alone tells how much of a body has left.

import { noAnswer, problemOf } from './problem.js'

/**
 * @param {object} sending
 * @param {import('./api.js').Api} sending.api
 * @param {File} sending.file
 * @param {string} sending.name as the job will show it
 * @param {Record<string, string>} sending.options of the job
 * @param {string} sending.idempotencyKey the same at every try
 * @param {AbortSignal} sending.signal
 * @param {(bytes: number) => void} sending.onProgress how many bytes of the file have left
 * @returns {Promise<object>} the job's record; rejects with a Problem, or the signal's reason
 */
export function sendWhole({ api, file, name, options, idempotencyKey, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = () => {
      request.abort()
      reject(signal.reason)
    }
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    signal.addEventListener('abort', stop, { once: true })
    request.upload.onprogress = (event) => onProgress(Math.min(file.size, event.loaded))
    request.onloadend = () => {
      signal.removeEventListener('abort', stop)
      const record = recordIn(request)
      if (record === null) reject(problemIn(request))
      else resolve(record)
    }
    request.open('POST', api.url('/api/jobs'))
    const headers = { ...api.headers(), 'Idempotency-Key': idempotencyKey }
    for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value)
    request.send(formOf(file, name, options))
  })
}

function formOf(file, name, options) {
  const form = new FormData()
  for (const [option, value] of Object.entries(options)) form.append(option, value)
  form.append('file', file, name)
  return form
}

function isGood({ status }) {
  return status >= 200 && status < 300
}

/** null where there is none: a refusal, or the page of some network that wants a login. */
function recordIn(request) {
  if (!isGood(request)) return null
  try {
    return JSON.parse(request.responseText)
  } catch {
    return null
  }
}

function problemIn(request) {
  if (request.status === 0 || isGood(request)) return noAnswer()
  return problemOf(request.status, request.responseText, request.getResponseHeader('Retry-After'))
}
