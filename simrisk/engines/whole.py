"""Compiling an entry kernel and all that it calls as one piece.

numba compiles every function on its own, so that any other may call it: each is optimised once more in every function
that calls it, and whoever calls one has to ask whether it failed. Here numba only writes them down, all but the entry
are known to be called by nobody else, and LLVM, which is told which way branches usually go (`odds.py`), optimises
once. That takes two thirds of the time, and the code is a sixth faster. The numbers are the same: nothing is allowed
here that numba does not allow.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simrisk.engines.odds import known_odds, with_odds

MOST = 3  # as hard as LLVM tries
ROUNDS = 2  # what the first one has pasted together, the second makes simpler


def compile_whole(function: Callable[..., Any], types: tuple[Any, ...]) -> tuple[str, bytes]:
    """Compile a function of Python and all kernels that it calls.

    Parameters
    ----------
    function : callable
        As it was before numba got it.
    types : tuple of numba's types
        Of its arguments.

    Returns
    -------
    str
        Its name in the machine code.
    bytes
        The machine code.
    """
    symbol, code = write_down(function, types)
    return symbol, optimise(symbol, with_odds(code, known_odds(function.__name__)))


def write_down(function: Callable[..., Any], types: tuple[Any, ...]) -> tuple[str, str]:
    """Let numba write a function down for LLVM, with all kernels that it calls; returns its name there and the text."""
    from numba.core.registry import cpu_target

    from simrisk_kernels._jit import own_entry

    cpu_target.target_context.codegen()  # is there before numba is told to be quick
    with _unoptimised():
        dispatcher: Any = own_entry(function)
        dispatcher.compile(types)
    (compiled,) = dispatcher.overloads.values()
    return compiled.fndesc.llvm_func_name, str(compiled.library._final_module)


def optimise(name: str, code: str) -> bytes:
    """Return the machine code of LLVM's `code`, of which nobody calls anything from outside but the function `name`."""
    from llvmlite import binding
    from numba.core.registry import cpu_target

    codegen = cpu_target.target_context.codegen()
    module = binding.parse_assembly(code)
    for part in module.functions:
        if not part.is_declaration and part.name != name:
            part.linkage = "internal"
    machine = binding.Target.from_triple(binding.get_process_triple()).create_target_machine(
        cpu=codegen._get_host_cpu_name(),
        features=codegen._tm_features,
        opt=MOST,
        reloc="pic",
        codemodel="small",
        jit=True,
    )
    options = binding.create_pipeline_tuning_options(MOST)
    # Most loops go round a few times, few numbers lie side by side: more code would be for nothing.
    options.loop_vectorization = options.loop_unrolling = options.slp_vectorization = False
    for _ in range(ROUNDS):
        builder = binding.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


@contextmanager
def _unoptimised() -> Iterator[None]:
    """Let numba write functions down as they are, and forget them then: other kernels that call them want them fast."""
    from numba.core import config as settings

    config: Any = settings  # whose names are made up as it is imported
    before, known = config.OPT, {id(each): set(each.overloads) for each in _kernels()}
    config.OPT = type(before)(0)
    try:
        yield
    finally:
        config.OPT = before
        for each in _kernels():
            for types in set(each.overloads) - known.get(id(each), set()):
                del each.overloads[types]


def _kernels() -> list[Any]:
    """Return all functions of the kernels that have been imported."""
    from numba.core.dispatcher import Dispatcher

    from simrisk_kernels._jit import RARE

    modules = [module for name, module in sys.modules.items() if name.startswith("simrisk_kernels.")]
    values = (value for module in modules for value in vars(module).values())
    return [*RARE, *(value for value in values if isinstance(value, Dispatcher))]
