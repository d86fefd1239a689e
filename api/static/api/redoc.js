// Redoc shows its maker's logo, from the maker's host. No page asks another host: such images are left out.
const images = HTMLImageElement.prototype;
const source = Object.getOwnPropertyDescriptor(images, "src");

function show(image, address) {
  const { origin, protocol } = new URL(address, location.href);
  image.hidden = origin !== location.origin && protocol !== "data:";
  if (!image.hidden) source.set.call(image, address);
}

Object.defineProperty(images, "src", {
  ...source,
  set(address) {
    show(this, address);
  },
});
images.setAttribute = function (name, value) {
  if (name === "src") show(this, value);
  else Element.prototype.setAttribute.call(this, name, value);
};
