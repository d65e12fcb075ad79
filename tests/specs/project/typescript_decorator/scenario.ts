class Reception {
  @logged greet(): void {}
}
