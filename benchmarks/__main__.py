"""./dev bench [NAME]: run one benchmark, or all of them."""

import importlib
import os
import pkgutil
import sys

import benchmarks

NAMES = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.name.startswith("_"))


def main(arguments: list[str]) -> int:
    """Run what was asked for; an unknown name is answered with the known ones and exit code 2."""
    unknown = [name for name in arguments if name not in NAMES]
    if unknown:
        print(f"There is no benchmark “{unknown[0]}”. There are: {', '.join(NAMES) or 'none yet'}.", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsboard.settings")
    codes = [importlib.import_module(f"benchmarks.{name}").main() or 0 for name in arguments or NAMES]
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
