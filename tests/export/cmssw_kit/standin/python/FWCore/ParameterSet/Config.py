"""As much of CMSSW's configuration language as a kit uses, and as strict."""

import copy


class _Typed:
    kinds = ()

    def __init__(self, value):
        if isinstance(value, bool) and bool not in self.kinds:
            raise TypeError(f"{type(self).__name__} of {value!r}")
        if not isinstance(value, self.kinds):
            raise TypeError(f"{type(self).__name__} of {value!r}")
        self._value = value

    def value(self):
        return self._value


class string(_Typed):
    kinds = (str,)


class FileInPath(_Typed):
    kinds = (str,)


class InputTag(_Typed):
    kinds = (str,)


class int32(_Typed):
    kinds = (int,)


class bool_(_Typed):
    kinds = (bool,)


class _Vector(_Typed):
    def __init__(self, *values):
        for value in values:
            if isinstance(value, bool) or not isinstance(value, self.kinds):
                raise TypeError(f"{type(self).__name__} of {value!r}")
        self._value = list(values)


class vdouble(_Vector):
    kinds = (float, int)


class vuint32(_Vector):
    kinds = (int,)


class _Parameters:
    def __init__(self, **parameters):
        object.__setattr__(self, "_own", {})
        for name, value in parameters.items():
            self._place(name, value)

    def _place(self, name, value):
        if not isinstance(value, (_Typed, PSet)):
            raise TypeError(f"{name} must have a type of cms: {value!r}")
        old = self._own.get(name)
        if old is not None and type(old) is not type(value):
            raise TypeError(f"{name} is {type(old).__name__}: {value!r}")
        self._own[name] = value

    def __setattr__(self, name, value):
        self._place(name, value)

    def __getattr__(self, name):
        try:
            return self.__dict__["_own"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __deepcopy__(self, memory):
        new = object.__new__(type(self))
        new.__dict__.update(copy.deepcopy(self.__dict__, memory))
        return new

    def parameterNames_(self):
        return list(self._own)

    def _change(self, changes):
        for name, value in changes.items():
            old = self._own[name]
            if isinstance(old, PSet) and isinstance(value, dict):
                old._change(value)
            elif isinstance(old, _Vector) and isinstance(value, list):
                self._own[name] = type(old)(*value)
            elif isinstance(value, (_Typed, PSet)):
                self._place(name, value)
            else:
                self._own[name] = type(old)(value)


class PSet(_Parameters):
    pass


class _Module(_Parameters):
    def __init__(self, kind, **parameters):
        super().__init__(**parameters)
        self.__dict__["_kind"] = kind

    def type_(self):
        return self._kind

    def clone(self, **changes):
        new = copy.deepcopy(self)
        new._change(changes)
        return new


class EDProducer(_Module):
    pass


class ESProducer(_Module):
    pass


class ESSource(_Module):
    pass


class Process:
    def __init__(self, name):
        self.__dict__["_modules"] = {}

    def __setattr__(self, name, value):
        if not isinstance(value, (_Module, PSet)):
            raise TypeError(f"a process holds modules and sets: {name}={value!r}")
        self._modules[name] = value

    def __getattr__(self, name):
        try:
            return self.__dict__["_modules"][name]
        except KeyError:
            raise AttributeError(name) from None

    def _of(self, kind):
        return {k: m for k, m in self._modules.items() if isinstance(m, kind)}

    def producers_(self):
        return self._of(EDProducer)

    def es_producers_(self):
        return self._of(ESProducer)

    def es_sources_(self):
        return self._of(ESSource)


globals()["bool"] = bool_
