// A problem as it is shown: what is wrong, what the server says of it, what to do next, and the buttons for that.

import { html } from './html.js'
import { explain } from './problem_texts.js'

/** problem: see `explain`. children: buttons. quiet: it is not read out at once, as in a list of many. */
export function ProblemNote({ problem, children, quiet = false }) {
  const { what, next, detail } = explain(problem)
  return html`
    <div class="note problem" role=${quiet ? undefined : 'alert'}>
      <p><strong>${what}</strong> ${next}</p>
      ${detail && html`<p class="detail">${detail}</p>`}
      ${problem.requestId && problem.status >= 500 && html`<p class="detail">Request ${problem.requestId}</p>`}
      ${children && html`<div class="actions">${children}</div>`}
    </div>
  `
}
