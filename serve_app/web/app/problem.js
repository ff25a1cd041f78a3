// A problem: why a request was not served, as the server said it (RFC 9457), or that no answer came.

export const NO_ANSWER = 'no_answer'

export class Problem extends Error {
  /**
   * @param {object} told
   * @param {number} told.status of HTTP; 0 where no answer came
   * @param {string} told.code stable; problem_texts.js has each in plain words
   * @param {string} told.detail the server's own sentence, for people; may be empty
   * @param {number|null} told.retryAfter seconds
   * @param {string} [told.requestId] finds the lines of the server's log
   */
  constructor({ status, code, detail = '', retryAfter = null, requestId = '' }) {
    super(detail || code)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.detail = detail
    this.retryAfter = retryAfter
    this.requestId = requestId
  }
}

export function noAnswer() {
  return new Problem({ status: 0, code: NO_ANSWER })
}

/**
 * What an answer of 4xx or 5xx means; a proxy's own answer, which is no problem+json, gets the code `http_<status>`.
 *
 * @param {string} body its text
 * @param {string|null} retryAfter the header
 */
export function problemOf(status, body, retryAfter) {
  const told = parsed(body)
  return new Problem({
    status,
    code: typeof told.code === 'string' ? told.code : `http_${status}`,
    detail: typeof told.detail === 'string' ? told.detail : '',
    retryAfter: secondsOf(retryAfter),
    requestId: typeof told.request_id === 'string' ? told.request_id : '',
  })
}

function parsed(body) {
  try {
    return JSON.parse(body) ?? {}
  } catch {
    return {}
  }
}

function secondsOf(header) {
  const seconds = Number.parseInt(header ?? '', 10)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null
}
