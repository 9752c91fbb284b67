from experimentos.ui import guard


def page() -> None:
    guard.nothing_yet("No results yet", "This page shows the results of your experiment.")


guard.run(page)
