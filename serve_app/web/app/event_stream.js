// Server-Sent Events out of the pieces of a response body, as the HTML standard lays them down.
//
// EventSource can't send an Authorization header, so the page reads the stream itself. The parser is pure: pieces of
// text in, events out; a piece may end anywhere, between the two characters of a line's end as well.

export class EventParser {
  #rest = ''
  #afterReturn = false
  #first = true
  #name = ''
  #data = []
  #lastId = ''

  // The events that this piece completes: [{event, id, data}]. Comments complete none.
  push(piece) {
    let text = piece
    if (this.#first && text) {
      this.#first = false
      if (text.startsWith('\uFEFF')) text = text.slice(1)
    }
    if (this.#afterReturn && text) {
      this.#afterReturn = false
      if (text.startsWith('\n')) text = text.slice(1)
    }
    const events = []
    const lines = (this.#rest + text).split(/\r\n|\r|\n/)
    this.#afterReturn = text.endsWith('\r')
    this.#rest = lines.pop()
    for (const line of lines) {
      const event = this.#line(line)
      if (event) events.push(event)
    }
    return events
  }

  #line(line) {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return null
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.#name = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#lastId = value
    return null
  }

  #dispatch() {
    const event = { event: this.#name || 'message', id: this.#lastId, data: this.#data.join('\n') }
    const complete = this.#data.length > 0
    this.#name = ''
    this.#data = []
    return complete ? event : null
  }
}

// The events of a response, as they come. sign: called with each piece, comments included: the connection lives.
export async function* readEvents(response, sign = () => {}) {
  const parser = new EventParser()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      sign()
      yield* parser.push(value)
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}
