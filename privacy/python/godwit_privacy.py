"""Differential privacy with a budget that no crash resets, for Python programs.

    from godwit_privacy import PrivacyManager

    with PrivacyManager(epsilon=2, delta=1e-6, clip_norm=1, release_count=10,
                        client_count=1000, folder="budget") as manager:
        for vector in vectors_of_clients:
            manager.add(vector)
        mean = manager.release()
        print(manager.privacy_spent())

It speaks to libgodwit_privacy.so, which is looked for where GODWIT_PRIVACY_LIBRARY says, in the folders above this file,
and where the system keeps libraries. NumPy is not needed; where vectors are NumPy's, so is what comes back.
"""
import array
import collections
import ctypes
import ctypes.util
import os
import pathlib

__all__ = ["PrivacyManager", "PrivacySpent", "PrivacyError", "PrivacyRefused", "PrivacyFailed"]


class PrivacyError(Exception):
    """A call that did not succeed; the message says why, and what can be done."""


class PrivacyRefused(PrivacyError, ValueError):
    """What was given cannot be accepted, or the budget is spent. Nothing has changed."""


class PrivacyFailed(PrivacyError, OSError):
    """The disk or the ledger failed."""


PrivacySpent = collections.namedtuple(
    "PrivacySpent",
    "epsilon delta epsilon_left release_count releases_left noise_multiplier")
PrivacySpent.__doc__ = """What was spent, and what is left.

epsilon: of all releases together, at delta. epsilon_left: the budget's less that. release_count, releases_left: releases
that were made, and that still fit. noise_multiplier: deviation of the noise / clip_norm, of a release."""


class _Config(ctypes.Structure):
    _fields_ = [("struct_bytes", ctypes.c_size_t), ("epsilon", ctypes.c_double), ("delta", ctypes.c_double),
                ("clip_norm", ctypes.c_double), ("release_count", ctypes.c_uint64),
                ("noise_multiplier", ctypes.c_double), ("client_count", ctypes.c_double),
                ("replaces_one", ctypes.c_int), ("folder", ctypes.c_char_p), ("population", ctypes.c_char_p)]


class _Spending(ctypes.Structure):
    _fields_ = [("epsilon", ctypes.c_double), ("delta", ctypes.c_double), ("epsilon_left", ctypes.c_double),
                ("release_count", ctypes.c_uint64), ("releases_left", ctypes.c_uint64),
                ("noise_multiplier", ctypes.c_double)]


def _load():
    name = "libgodwit_privacy.so"
    asked = os.environ.get("GODWIT_PRIVACY_LIBRARY")
    folders = list(pathlib.Path(__file__).resolve().parents)[:3]
    candidates = [asked] if asked else [str(folder / name) for folder in folders if (folder / name).exists()]
    candidates.append(ctypes.util.find_library("godwit_privacy") or name)
    library = ctypes.CDLL(candidates[0])
    pointer = ctypes.c_void_p
    for call, arguments in {
            "open": [ctypes.POINTER(_Config), ctypes.POINTER(pointer)],
            "add": [pointer, pointer, ctypes.c_size_t],
            "release": [pointer, pointer, ctypes.c_size_t],
            "add_noise": [pointer, pointer, ctypes.c_size_t],
            "spent": [pointer, ctypes.POINTER(_Spending)]}.items():
        function = getattr(library, "godwit_privacy_" + call)
        function.argtypes = arguments
        function.restype = ctypes.c_int
    library.godwit_privacy_length.argtypes = [pointer]
    library.godwit_privacy_length.restype = ctypes.c_size_t
    library.godwit_privacy_close.argtypes = [pointer]
    library.godwit_privacy_close.restype = None
    library.godwit_privacy_error.argtypes = []
    library.godwit_privacy_error.restype = ctypes.c_char_p
    return library


_library = _load()


def _check(status):
    if status != 0:
        sentence = _library.godwit_privacy_error().decode("utf-8", "replace")
        raise (PrivacyRefused if status == 1 else PrivacyFailed)(sentence)


def _floats(values):
    """A flat array('f') of the values: of a list, an array, or a NumPy array of any shape."""
    return array.array("f", values.ravel().tolist() if hasattr(values, "ravel") else values)


def _shaped(numbers, shape):
    """The numbers as a NumPy array of that shape; as a list where there is none."""
    if shape is None:
        return list(numbers)
    import numpy
    return numpy.array(numbers).reshape(shape)


class PrivacyManager:
    """Lets noisy means of clients' vectors out, until (epsilon, delta) is spent.

    Vectors of one client (or example) each are clipped to an L2 norm of clip_norm and summed; the sum leaves with discrete
    Gaussian noise, divided by client_count. A client may be in all releases, with one vector in each.

    epsilon, delta: the budget of all releases together; delta at most 1 / client_count.
    clip_norm: L2, of one client's vector; finite, above 0.
    release_count: how many releases the budget is to last; the noise follows. Without it and without noise_multiplier: one.
    noise_multiplier: deviation of the noise / clip_norm, instead; then releases are made until the budget is spent.
    client_count: how many clients are expected, a number fixed beforehand: never the one that turned up.
    replaces_one: False hides whether a client is there; True hides which one it is, and takes twice the noise.
    folder: where the signed ledger lies. Each release is on the disk before it is returned, and one whose process was
        killed in between counts as spent. None: the budget ends with this object, for trying things out.
    population: whose data they are; a folder is for one.

    Raises PrivacyRefused, with a sentence for each mistake, and PrivacyFailed. Not for several threads at once; after a
    fork, only for one of the two processes.
    """

    def __init__(self, epsilon, delta, clip_norm, *, release_count=None, noise_multiplier=None, client_count=1,
                 replaces_one=False, folder=None, population="population"):
        self._manager = ctypes.c_void_p()
        self._shape = None  # of the open sum's vectors, where they are NumPy's
        if release_count is not None and release_count < 1:
            raise PrivacyRefused(f"release_count is {release_count}; 1 or more are accepted")
        if noise_multiplier is not None and not noise_multiplier > 0:
            raise PrivacyRefused(f"noise_multiplier is {noise_multiplier}; a number above 0 is accepted")
        config = _Config(ctypes.sizeof(_Config), epsilon, delta, clip_norm, release_count or 0, noise_multiplier or 0,
                         client_count, int(replaces_one), None if folder is None else os.fsencode(folder),
                         population.encode())
        _check(_library.godwit_privacy_open(ctypes.byref(config), ctypes.byref(self._manager)))

    def add(self, values):
        """Adds one client's vector to the sum that leaves next. All have the length of the first.

        Refused, and not added: another length, NaN and infinity."""
        floats = _floats(values)
        _check(_library.godwit_privacy_add(self._handle(), floats.buffer_info()[0], len(floats)))
        self._shape = getattr(values, "shape", None)

    def release(self):
        """The noisy mean of what was added since the last release: a list, or a NumPy array of the vectors' shape."""
        count = _library.godwit_privacy_length(self._handle())
        mean = array.array("d", bytes(8 * max(count, 1)))
        _check(_library.godwit_privacy_release(self._handle(), mean.buffer_info()[0], len(mean)))
        return _shaped(mean, self._shape)

    def add_noise(self, gradient):
        """One client's vector, clipped and with noise: a release by itself. `gradient` is not changed."""
        floats = _floats(gradient)
        _check(_library.godwit_privacy_add_noise(self._handle(), floats.buffer_info()[0], len(floats)))
        return _shaped(floats, getattr(gradient, "shape", None))

    def privacy_spent(self):
        """What was spent, and what is left: a PrivacySpent."""
        spending = _Spending()
        _check(_library.godwit_privacy_spent(self._handle(), ctypes.byref(spending)))
        return PrivacySpent(*(getattr(spending, name) for name, _ in _Spending._fields_))

    def close(self):
        """Lets go of the folder. What was spent stays in it."""
        manager, self._manager = getattr(self, "_manager", None), ctypes.c_void_p()
        if manager:
            _library.godwit_privacy_close(manager)

    def _handle(self):
        if not self._manager:
            raise PrivacyRefused("the manager is closed")
        return self._manager

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()
