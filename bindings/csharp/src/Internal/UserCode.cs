namespace LibSched
{
    /// <summary>Code of the user's with what it is called with. A struct, so that a call needs no object.</summary>
    internal interface IUserCode
    {
        void Run();
    }
}
