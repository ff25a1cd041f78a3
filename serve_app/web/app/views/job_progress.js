// How far a job is: drawing its pages and reading them, told apart, since both go on at once.

import { html } from '../html.js'

export function JobProgress({ record, pages }) {
  const asked = pages.numbers.length
  if (!asked) {
    return html`
      <div class="job-progress">
        <${Bar} label="Opening the document" />
      </div>
    `
  }
  const read = Math.max(pages.ended, record.pages_completed + record.pages_failed)
  const drawn = Math.max(read, record.pages_extracted)
  const assembling = record.current_step === 'assembling'
  return html`
    <div class="job-progress">
      <${Bar} label="Pages drawn" done=${drawn} of=${asked} />
      <${Bar} label="Pages read" done=${read} of=${asked} />
      ${assembling && html`<p class="job-step">Putting the results together…</p>`}
    </div>
  `
}

function Bar({ label, done, of }) {
  const known = of !== undefined
  return html`
    <label class="job-bar">
      <span>${label}</span>
      <span class="job-count">${known ? `${done.toLocaleString('en')} of ${of.toLocaleString('en')}` : ''}</span>
      <progress max=${known ? of : undefined} value=${known ? done : undefined}></progress>
    </label>
  `
}
