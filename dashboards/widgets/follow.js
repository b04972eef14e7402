// Links inside the pages' own markup: followed without reloading the application, with a picture on hover.
// One listener on the document serves every chip, whichever element contains it.
const FLOAT_PX = 176, GAP_PX = 8

function linkOf(event) {
  return event.target instanceof Element ? event.target.closest("a[data-cw-link]") : null
}

function place(float, link) {
  const box = link.getBoundingClientRect()
  const isBelow = box.bottom + GAP_PX + FLOAT_PX < window.innerHeight
  float.style.left = `${Math.max(GAP_PX, Math.min(box.left, window.innerWidth - FLOAT_PX - GAP_PX))}px`
  float.style.top = `${isBelow ? box.bottom + GAP_PX : Math.max(GAP_PX, box.top - GAP_PX - FLOAT_PX)}px`
}

export default function ({ setTriggerValue }) {
  const float = document.createElement("img")
  float.className = "cw-float"
  float.alt = ""
  float.hidden = true
  document.body.append(float)

  const follow = (event) => {
    const link = linkOf(event)
    const opensElsewhere = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
    if (!link || opensElsewhere) return
    event.preventDefault()
    float.hidden = true
    const href = link.getAttribute("href") ?? link.getAttributeNS("http://www.w3.org/1999/xlink", "href")
    setTriggerValue("followed", href)
  }
  const show = (event) => {
    const link = linkOf(event)
    const picture = link?.dataset.cwPicture
    float.hidden = !picture
    if (!picture) return
    float.src = picture
    place(float, link)
  }
  const hide = () => { float.hidden = true }
  const press = (event) => {
    if (event.key === "Escape") hide()
    const writes = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")
    const box = document.querySelector(".st-key-cw_search input")
    if (event.key !== "/" || writes || !box || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    box.focus()
    box.select()
  }
  const listeners = { click: follow, mouseover: show, focusin: show, focusout: hide, keydown: press }
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener)
  return () => {
    for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener)
    float.remove()
  }
}
