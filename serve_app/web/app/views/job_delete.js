// Deletes a document, after asking once.

import { html, useRef, useState } from '../html.js'
import { ProblemNote } from '../problem_note.js'

export function JobDelete({ live, go, recent }) {
  const dialog = useRef(null)
  const [state, setState] = useState({ busy: false, problem: null })

  const remove = async () => {
    setState({ busy: true, problem: null })
    live.stop() // else it tells, in the place of this, that the document is gone
    try {
      await recent.delete(live.id)
      dialog.current.close()
      go('#/')
    } catch (problem) {
      live.start()
      setState({ busy: false, problem })
    }
  }

  return html`
    <button class="button quiet" type="button" onClick=${() => dialog.current.showModal()}>Delete</button>
    <dialog class="prompt" ref=${dialog} aria-labelledby="job-delete-title">
      <h2 id="job-delete-title">Delete this document?</h2>
      <p>The document, its page images and all that was read of it are removed from the server, for good.</p>
      ${state.problem && html`<${ProblemNote} problem=${state.problem} />`}
      <div class="actions">
        <button class="button danger" type="button" disabled=${state.busy} onClick=${remove}>Delete</button>
        <button class="button" type="button" onClick=${() => dialog.current.close()}>Keep it</button>
      </div>
    </dialog>
  `
}
