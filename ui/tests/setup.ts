import "@testing-library/jest-dom/vitest";

// What jsdom lacks and every webview has.
HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement): void {
  this.open = true;
};
HTMLElement.prototype.scrollIntoView = () => undefined;
Object.defineProperty(window, "matchMedia", {
  value: () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }),
});
Object.defineProperty(globalThis, "ResizeObserver", {
  value: class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  },
});
Object.defineProperty(globalThis, "CSS", { value: { escape: (text: string) => text } });
