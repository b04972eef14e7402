// Shows an SVG drawing whose markup Python has made and escaped, and saves it as a file: SVG as it is, PNG at twice its size.
const SCALE = 2, SMALLEST = 0.75

function save(blob, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

function savePng(svg, name) {
  const image = new Image()
  image.onload = () => {
    const canvas = document.createElement("canvas")
    canvas.width = SCALE * image.naturalWidth
    canvas.height = SCALE * image.naturalHeight
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
    canvas.toBlob((blob) => save(blob, name), "image/png")
  }
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }))
}

// A drawing that is wider than its place is made smaller; if that is not enough, it is scrolled to its root, the first node.
function fit(canvas, svg) {
  const width = svg.viewBox.baseVal.width, height = svg.viewBox.baseVal.height
  const scale = Math.max(SMALLEST, Math.min(1, canvas.clientWidth / width))
  svg.setAttribute("width", scale * width)
  svg.setAttribute("height", scale * height)
  const root = svg.querySelector("a.cw-node")
  if (!root) return
  const box = root.getBBox()
  canvas.scrollLeft = scale * (box.x + box.width / 2) - canvas.clientWidth / 2
}

export default function ({ data, parentElement }) {
  let canvas = parentElement.querySelector(".cw-canvas")
  if (!canvas) {
    const holder = document.createElement("div")
    holder.className = "cw-holder"
    canvas = document.createElement("div")
    canvas.className = "cw-canvas"
    holder.append(canvas)
    parentElement.append(holder)
  }
  if (canvas.dataset.drawn !== data.name + data.shown.length) {
    canvas.innerHTML = data.shown
    fit(canvas, canvas.querySelector("svg"))
  }
  canvas.dataset.drawn = data.name + data.shown.length
  const tools = canvas.ownerDocument.createElement("div")
  canvas.parentElement.querySelector(".cw-tools")?.remove()
  tools.className = "cw-tools"
  const ways = {
    SVG: () => save(new Blob([data.alone], { type: "image/svg+xml" }), `${data.name}.svg`),
    PNG: () => savePng(data.alone, `${data.name}.png`),
  }
  for (const [label, press] of Object.entries(ways)) {
    const button = document.createElement("button")
    button.className = "cw-button"
    button.textContent = label
    button.title = `Save the drawing as ${label}`
    button.onclick = press
    tools.append(button)
  }
  canvas.parentElement.append(tools)
}
