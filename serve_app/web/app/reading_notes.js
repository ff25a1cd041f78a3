// What was out of the ordinary about a page's reading, and how a job or a page stands, in plain words.

const STATUS = {
  queued: 'Waiting to start',
  extracting: 'Opening and drawing pages',
  processing: 'Reading',
  completed: 'Finished',
  partial: 'Finished with gaps',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

const PAGE_STATUS = {
  pending: 'Waiting its turn',
  processing: 'Being read…',
  failed: 'This page could not be read',
  skipped: 'Not read: the job was cancelled before its turn',
}

export function statusText(status) {
  return STATUS[status] ?? status
}

export function pageStatusText(status) {
  return PAGE_STATUS[status] ?? status
}

// reason: of a page, parts joined by `; `. A list of sentences.
export function reasonTexts(reason) {
  if (!reason) return []
  return reason.split('; ').map(reasonText)
}

function reasonText(part) {
  const handedOn = /^(\S+): ((?:engine|render)_\w+), (.*)$/.exec(part)
  if (handedOn) return `${handedOn[1]} gave this page up (${withoutStop(handedOn[3])}); another engine read it.`
  const layout = /^layout: (.*)$/.exec(part)
  if (layout) return `The page's layout could not be told: ${withoutStop(layout[1])}.`
  return `${part.charAt(0).toUpperCase()}${withoutStop(part.slice(1))}.`
}

function withoutStop(text) {
  return text.replace(/\.$/, '')
}

export function sourceText(result) {
  if (result.source === 'embedded') return "the document's own text"
  return `read by ${result.engine}`
}

// confidence: 0 to 1, or null.
export function confidenceText(confidence) {
  return confidence === null || confidence === undefined ? '' : `${Math.floor(confidence * 100)} % sure`
}

export function counted(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}
