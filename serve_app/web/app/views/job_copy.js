// Copies what was read of the whole document: the result where the job has ended, else the pages read so far.

import { copyText } from '../clipboard.js'
import { html, useState } from '../html.js'
import { ProblemNote } from '../problem_note.js'

const SAID_MS = 2500

export function JobCopy({ api, live, contents }) {
  const { said, problem, copy } = useCopy(() => wholeText(api, live, contents))
  return html`
    <button class="button" type="button" onClick=${copy}>${said || 'Copy all text'}</button>
    ${problem && html`<${ProblemNote} problem=${problem} />`}
  `
}

// textOf: gives the text, or a promise of it. said: what to say instead of the button's name for a moment.
export function useCopy(textOf) {
  const [state, setState] = useState({ said: '', problem: null })
  const copy = async () => {
    setState({ said: 'Copying…', problem: null })
    try {
      await copyText(textOf())
      setState({ said: 'Copied', problem: null })
      setTimeout(() => setState({ said: '', problem: null }), SAID_MS)
    } catch (problem) {
      setState({ said: '', problem: problem.status === undefined ? { code: 'not_copied' } : problem })
    }
  }
  return { ...state, copy }
}

async function wholeText(api, live, contents) {
  if (live.ended && live.record.outputs.txt) return (await api.get(`${live.path}/result?format=txt`)).text()
  const read = live.pages.numbersWith('completed')
  const texts = await Promise.all(read.map((page) => live.pages.texts.get(page) ?? contents.text(page)))
  return texts.join('\n\f\n')
}
