// Scrolling to what somebody asked to see, and not at all where it can be seen already.

const ABOVE = 130 // the tools stick to the top of the window
const BELOW = 40

/** The element to the middle of the window, unless it is well in view. */
export function intoView(element) {
  const { top, bottom } = element.getBoundingClientRect()
  if (top < ABOVE || bottom > innerHeight - BELOW) element.scrollIntoView({ block: 'center', inline: 'nearest' })
}

/** The element to the middle of a frame that scrolls by itself, and the frame's part with it into view. */
export function intoViewWithin(frame, element) {
  const outer = frame.getBoundingClientRect()
  const inner = element.getBoundingClientRect()
  frame.scrollBy({
    top: (inner.top + inner.bottom - outer.top - outer.bottom) / 2,
    left: (inner.left + inner.right - outer.left - outer.right) / 2,
    behavior: 'instant',
  })
  intoView(element)
}
