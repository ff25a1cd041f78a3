// The result in every format, to be saved; where one can't be had, why.

import { FORMATS, savedName, whyNot } from '../formats.js'
import { html, useEffect, useRef, useState } from '../html.js'
import { ProblemNote } from '../problem_note.js'

export function JobDownloads({ api, live }) {
  const menu = useRef(null)
  const [state, setState] = useState({ busy: null, problem: null })
  useEffect(() => closeOutside(menu), [])

  const take = async (format) => {
    setState({ busy: format, problem: null })
    try {
      await save(api, live, format)
      setState({ busy: null, problem: null })
      menu.current.open = false
    } catch (problem) {
      setState({ busy: null, problem })
    }
  }

  return html`
    <details class="job-menu" ref=${menu}>
      <summary class="button">Download</summary>
      <ul>
        ${state.problem && html`<li><${ProblemNote} problem=${state.problem} /></li>`}
        ${FORMATS.map(({ name, label }) => {
          const why = whyNot(live.record, name)
          return html`
            <li key=${name}>
              <button type="button" disabled=${why !== '' || state.busy !== null} onClick=${() => take(name)}>
                <span>${label}</span>
                ${state.busy === name && html`<span class="muted">Being fetched…</span>`}
                ${why && html`<span class="muted">${why}</span>`}
              </button>
            </li>
          `
        })}
      </ul>
    </details>
  `
}

// Without a key the browser fetches it by itself, however large; with one it must be fetched here.
async function save(api, live, format) {
  const path = `${live.path}/result?format=${format}`
  if (api.key() === null) {
    click(api.url(path), '')
    return
  }
  const answer = await api.get(path)
  const name = savedName(answer.headers.get('Content-Disposition'), `${live.record.file_info.filename}.${format}`)
  const url = URL.createObjectURL(await answer.blob())
  click(url, name)
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function click(href, name) {
  const link = document.createElement('a')
  link.href = href
  link.download = name
  link.click()
}

function closeOutside(menu) {
  const close = (event) => {
    const open = menu.current?.open
    if (!open) return
    if (event.type === 'keydown' && event.key === 'Escape') menu.current.querySelector('summary').focus()
    else if (event.type === 'keydown' || menu.current.contains(event.target)) return
    menu.current.open = false
  }
  document.addEventListener('pointerdown', close)
  document.addEventListener('keydown', close)
  return () => {
    document.removeEventListener('pointerdown', close)
    document.removeEventListener('keydown', close)
  }
}
