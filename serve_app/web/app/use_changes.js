// Lets a component follow an object that tells of its changes by events.

import { useEffect, useState } from './html.js'

/** Draws the component anew at every such event of the target. */
export function useChanges(target, type = 'change') {
  const [, redraw] = useState(0)
  useEffect(() => {
    const changed = () => redraw((count) => count + 1)
    target.addEventListener(type, changed)
    changed() // it may have changed between drawing and now
    return () => target.removeEventListener(type, changed)
  }, [target, type])
}
