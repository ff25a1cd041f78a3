// The formats of a result, and why one can't be had.

import { unfinished } from './job_summary.js'

export const FORMATS = [
  { name: 'pdf', label: 'Searchable PDF' },
  { name: 'md', label: 'Markdown' },
  { name: 'txt', label: 'Plain text' },
  { name: 'json', label: 'JSON with boxes' },
  { name: 'hocr', label: 'hOCR' },
  { name: 'alto', label: 'ALTO XML' },
  { name: 'zip', label: 'Everything, with images (ZIP)' },
]

// Why the format can't be had of this job; empty where it can.
export function whyNot(record, format) {
  if (unfinished(record)) return 'Ready when the job has ended.'
  if (record.status === 'failed') return 'The job failed, so there is no result.'
  if (format === 'zip' || record.outputs[format]) return ''
  return record.outputs_missing?.[format] ?? 'This server did not make this format.'
}

// The name that the server gives the file, by its Content-Disposition.
export function savedName(disposition, otherwise) {
  const extended = /filename\*=utf-8''([^;]+)/i.exec(disposition ?? '')
  if (extended) {
    try {
      return decodeURIComponent(extended[1])
    } catch {
      return otherwise
    }
  }
  return /filename="([^"]+)"/i.exec(disposition ?? '')?.[1] ?? otherwise
}
