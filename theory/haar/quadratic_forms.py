from sympy import Symbol
class RowForm(Symbol): pass
def form_means(*a): raise NotImplementedError
