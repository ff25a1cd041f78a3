// The documents on their way to the server, and those that an earlier visit did not get to its end.

import { chosenDocuments } from '../dropped_files.js'
import { html, useEffect, useRef, useState } from '../html.js'
import { interruptedUploads } from '../interrupted_uploads.js'
import { ProblemNote } from '../problem_note.js'
import { inOneLine } from '../problem_texts.js'
import { discardUpload } from '../send_resumable.js'
import { sizeText } from '../sizes.js'
import { storage } from '../storage.js'
import { worthTrying } from '../upload_policy.js'
import { firstToShow } from '../uploads.js'
import { useChanges } from '../use_changes.js'

const SHOWN = 50

export function UploadList({ api, uploads, options, onDocuments }) {
  useChanges(uploads)
  const { list } = uploads
  const going = new Set(list.map((upload) => upload.url))
  const [kept, setKept] = useState(() => interruptedUploads(storage('local'), Date.now()))
  const refused = list.filter((upload) => upload.state === 'refused').length
  const interrupted = kept.filter(({ url }) => !going.has(url))

  useEffect(() => setKept(interruptedUploads(storage('local'), Date.now())), [list.length])

  function discard(one) {
    setKept(kept.filter((each) => each !== one))
    discardUpload(api, one.url).catch(() => {})
  }

  if (list.length === 0 && interrupted.length === 0) return null
  return html`
    <section aria-labelledby="uploads-title">
      <h2 id="uploads-title">Uploads</h2>
      <ul class="rows">
        ${firstToShow(list, SHOWN).map((upload) => html`
          <${UploadRow} key=${upload.id} ...${{ upload, uploads, options, quiet: refused > 1 }} />
        `)}
        ${interrupted.map((one) => html`
          <${InterruptedRow} key=${one.key} one=${one} onDocuments=${onDocuments} onDiscard=${() => discard(one)} />
        `)}
      </ul>
      ${list.length > SHOWN && html`<p class="muted">and ${list.length - SHOWN} more</p>`}
      ${refused > 1 && html`
        <button class="button small" type="button" onClick=${() => uploads.dismissRefused()}>
          Dismiss all ${refused} that were refused
        </button>
      `}
      <p class="visually-hidden" role="status">${spoken(list.length - refused, refused)}</p>
    </section>
  `
}

/** Changes seldom, so that it may be read out. */
function spoken(left, refused) {
  return `${left} on their way${refused > 0 ? `, ${refused} refused` : ''}`
}

/** quiet: there are several that were refused; how many is read out instead of each. */
function UploadRow({ upload, uploads, options, quiet }) {
  const { state, size } = upload
  const share = size === 0 ? 0 : Math.min(1, upload.sent / size)
  return html`
    <li class="row" data-state=${state}>
      <div class="row-head">
        <span class="row-name" title=${upload.name}>${upload.name}</span>
        <span class="muted">${told(upload)}</span>
        <span class="row-actions">${buttons(upload, uploads, options)}</span>
      </div>
      ${state === 'refused'
        ? html`<${ProblemNote} problem=${upload.problem} quiet=${quiet} />`
        : html`<progress max="1" value=${share} aria-label="${upload.name}: sent"></progress>`}
      ${state === 'retrying' && html`<p class="muted">${inOneLine(upload.problem)}</p>`}
    </li>
  `
}

function told({ state, sent, size, file }) {
  if (file === null) return ''
  if (state === 'waiting') return `waits its turn · ${sizeText(size)}`
  if (state === 'refused') return sizeText(size)
  if (sent >= size && state === 'sending') return 'arrived, being checked'
  return `${state === 'paused' ? 'paused at ' : ''}${sizeText(sent)} of ${sizeText(size)}`
}

function buttons(upload, uploads, options) {
  const { state, resumable, name, problem } = upload
  const button = (text, act) => html`
    <button class="button small" type="button" onClick=${act} aria-label="${text} ${name}">${text}</button>
  `
  const again = () => uploads.resume(upload, options)
  return html`
    ${resumable && ['sending', 'waiting', 'retrying'].includes(state) && button('Pause', () => uploads.pause(upload))}
    ${state === 'paused' && button('Resume', () => uploads.resume(upload))}
    ${state === 'retrying' && button('Try now', () => uploads.resume(upload))}
    ${state === 'refused' && worthTrying(problem) && button('Try again', again)}
    ${state === 'refused'
      ? button('Dismiss', () => uploads.cancel(upload))
      : button('Cancel', () => uploads.cancel(upload))}
  `
}

function InterruptedRow({ one, onDocuments, onDiscard }) {
  const input = useRef(null)
  const [other, setOther] = useState(false)

  function chosen(event) {
    const documents = chosenDocuments(event.target.files)
    event.target.value = ''
    const same = documents.filter(({ file, name }) => name === one.name && file.size === one.size)
    setOther(documents.length > 0 && same.length === 0)
    if (same.length > 0) onDocuments(same)
  }

  return html`
    <li class="row" data-state="interrupted">
      <div class="row-head">
        <span class="row-name" title=${one.name}>${one.name}</span>
        <span class="muted">interrupted · ${sizeText(one.size)}</span>
        <span class="row-actions">
          <button class="button small" type="button" onClick=${() => input.current.click()}
            aria-label="Choose it again: ${one.name}">Choose it again</button>
          <button class="button small" type="button" onClick=${onDiscard} aria-label="Discard ${one.name}">
            Discard
          </button>
        </span>
      </div>
      <p class="muted">
        ${other ? 'That is another file. ' : ''}Part of it has arrived: choose the same file again, and it goes on
        there.
      </p>
      <input ref=${input} class="hidden" type="file" tabindex="-1" aria-label="${one.name} again" onChange=${chosen} />
    </li>
  `
}
